pod=$(kubectl get pod lonely -o json 2>/dev/null) || {
  [ -n "$(pgrep -x kube-scheduler)" ] && hint "The scheduler still works. Send it home first: lab-ctl stop kube-scheduler"
  hint "There is no pod called lonely yet. Ask for it: kubectl run lonely --image=busybox:1 -- sleep 5000"
}
read -r uid node phase < <(jq -r '[.metadata.uid, .spec.nodeName // "-", .status.phase] | join(" ")' <<<"$pod")
if [ "$node" = - ]; then
  [ -s ~/binding.json ] || hint "lonely waits for its line. Save the file /root/binding.json."
  hint "lonely waits for its line. Post it: kubectl create --raw /api/v1/namespaces/default/pods/lonely/binding -f ~/binding.json"
fi
again="Remove it with: kubectl delete pod lonely --now, and begin again."
[ -z "$(kubectl get events --field-selector "involvedObject.uid=$uid,reason=Scheduled" -o name 2>/dev/null)" ] ||
  hint "The scheduler has placed lonely, not you. Stop it: lab-ctl stop kube-scheduler. $again"
[ "$node" = lab ] || hint "lonely is bound to $node, and no kubelet of that name runs here. $again Its node is lab."
[ -n "$(pgrep -x kubelet)" ] || hint "lonely has its line, but the kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$phase" = Running ] || hint "lonely has its line and is $phase. If that stays so, look why: kubectl describe pod lonely"
