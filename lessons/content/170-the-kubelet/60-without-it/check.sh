kubelet=$(pgrep -x kubelet | head -n 1)
late=$(kubectl get pod late -o json 2>/dev/null)
errand=$(kubectl get pod errand -o json 2>/dev/null)
if [ -z "$kubelet" ]; then
  [ -n "$late" ] || hint "The kubelet is stopped. Give it something to miss: the block with kubectl run late."
  [ -z "$errand" ] || [ "$(jq -r '.metadata.deletionTimestamp != null' <<<"$errand")" = true ] || hint "The kubelet is stopped, and late waits. Now an order to end something: kubectl delete pod errand --wait=false"
  hint "late does not begin, and errand does not end. Once you have seen it, repair it: lab-ctl start kubelet"
fi
[ -n "$late" ] || hint "The kubelet runs. Stop it, then give orders, and see what becomes of them: lab-ctl stop kubelet"
since=$(($(date +%s) - $(ps -o etimes= -p "$kubelet")))
read -r made began < <(jq -r '[(.metadata.creationTimestamp | fromdate), ([.status.containerStatuses[]?.state.running.startedAt // empty | fromdate] | first // 0)] | map(tostring) | join(" ")' <<<"$late")
[ "$made" -lt $((since - 1)) ] || hint "late was asked for when the kubelet was there. Once more: kubectl delete pod late, lab-ctl stop kubelet, and the orders again."
[ "$began" -gt 0 ] || hint "The kubelet is back, and late has not begun yet. It takes some seconds: kubectl get pods"
[ "$began" -ge $((since - 1)) ] || hint "late has run before, so it had nobody to wait for. Once more: kubectl delete pod late, lab-ctl stop kubelet, and the orders again."
if [ -n "$errand" ]; then
  [ "$(jq -r '.metadata.deletionTimestamp != null' <<<"$errand")" = true ] || hint "late has begun. But nothing had to end: errand was not deleted. Delete it, with the kubelet stopped or not: kubectl delete pod errand --wait=false"
  hint "errand is being ended. It takes some seconds: kubectl get pods"
fi
