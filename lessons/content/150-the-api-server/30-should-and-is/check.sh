deployment=$(kubectl get deployment web -o json --show-managed-fields 2>/dev/null) || hint "There is no deployment called web yet. Begin with: kubectl create deployment web --image=nginx:1.26 --replicas=2"
manager=$(pgrep -x kube-controller | head -n 1)
read -r wanted ready written < <(jq -r '[.spec.replicas, (.status.readyReplicas // 0),
  ([.metadata.managedFields[] | select(.fieldsV1["f:spec"]["f:replicas"]) | .time | fromdate] | max // 0)] | map(tostring) | join(" ")' <<<"$deployment")
if [ -z "$manager" ]; then
  [ "$wanted" -gt 2 ] || hint "The controllers are stopped. Now ask for more: the block with PATCH and \"replicas\":4"
  hint "$wanted should be, and nobody sees to it. Once you have looked at that, let the controllers come back: lab-ctl start kube-controller-manager"
fi
since=$(($(date +%s) - $(ps -o etimes= -p "$manager")))
again="Once more: lab-ctl stop kube-controller-manager, the PATCH, lab-ctl start kube-controller-manager"
[ "$wanted" -gt 2 ] || hint "web has $wanted replicas, and the controllers run. Stop them first: lab-ctl stop kube-controller-manager"
# A wish from before the present controllers began, which only they have fulfilled.
read -r older newer < <(kubectl get pods -l app=web -o json | jq -r --argjson since $((since - 1)) \
  '[.items[] | select(.metadata.deletionTimestamp == null) | .metadata.creationTimestamp | fromdate] | "\(map(select(. < $since)) | length) \(map(select(. >= $since)) | length)"')
[ "$written" -le "$since" ] && [ "$older" -lt "$wanted" ] || hint "web has $wanted replicas, but nobody had to wait for them. $again, with another number."
[ "$ready" = "$wanted" ] && [ "$newer" -gt 0 ] || hint "The controllers are back: $wanted should be, $ready are ready. It takes some seconds; if that stays so, look at: kubectl get pods -l app=web"
