nodes=$(kubectl get nodes -o json 2>/dev/null | jq -c '[.items[] | {name: .metadata.name, labels: .metadata.labels}]')
for name in small fast big; do
  jq -e --arg name $name 'any(.[]; .name == $name)' <<<"$nodes" >/dev/null || hint "There is no node $name yet. Add the three: the first block of this step."
done
if ! pod=$(kubectl get pod demanding -o json 2>/dev/null); then
  [ -s ~/demanding.yaml ] || hint "The manifest is missing: save the file /root/demanding.yaml."
  hint "There is no pod called demanding yet. Hand the manifest in: kubectl apply -f ~/demanding.yaml"
fi
again="Take the file's text as it stands, then: kubectl replace --force -f ~/demanding.yaml"
[ "$(jq -r '.spec.nodeSelector.disk // empty' <<<"$pod")" = ssd ] || hint "demanding does not ask for a disk: ssd. $again"
[ "$(jq '.spec.containers[0].resources.requests.cpu // "0" | if endswith("m") then (.[:-1] | tonumber) else tonumber * 1000 end >= 12000' <<<"$pod")" = true ] ||
  hint "demanding asks for less than 12 CPUs, so it is not what the text speaks of. $again"
read -r node reason < <(jq -r '[.spec.nodeName // "-", (.status.conditions // [] | map(select(.type == "PodScheduled")) | first.message // "" | sub("\\. preemption.*"; ""))] | join(" ")' <<<"$pod")
if [ "$node" = - ]; then
  [ -n "$(pgrep -x kube-scheduler)" ] || hint "demanding waits, and nobody looks for a place. Start the scheduler: lab-ctl start kube-scheduler"
  hint "demanding waits: ${reason:-it has not been looked at yet}. Give big what it lacks: kubectl label node big disk=ssd"
fi
jq -e --arg name "$node" 'any(.[]; .name == $name and .labels.disk == "ssd")' <<<"$nodes" >/dev/null ||
  hint "demanding is on $node, which has no disk=ssd any more. Put it back: kubectl label node $node disk=ssd"
