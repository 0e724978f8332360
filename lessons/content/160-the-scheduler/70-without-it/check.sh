deployment=$(kubectl get deployment crowd -o json 2>/dev/null) || hint "The deployment crowd is missing. Create it as in the step on scoring."
scheduler=$(pgrep -x kube-scheduler | head -n 1)
pods=$(kubectl get pods -l app=crowd -o json | jq -c '[.items[] | select(.metadata.deletionTimestamp == null)
  | {made: (.metadata.creationTimestamp | fromdate), node: .spec.nodeName, placed: ([.status.conditions[]? | select(.type == "PodScheduled" and .status == "True") | .lastTransitionTime | fromdate] | first // 0)}]')
waiting=$(jq '[.[] | select(.node == null)] | length' <<<"$pods")
if [ -z "$scheduler" ]; then
  [ "$waiting" -gt 0 ] || hint "The scheduler is stopped. Now make something wait for it: kubectl delete --wait=false \$(kubectl get pods -l app=crowd -o name | head -n 1)"
  hint "$waiting of crowd wait, and nobody is looking. Once you have seen it, repair it: lab-ctl start kube-scheduler"
fi
since=$(($(date +%s) - $(ps -o etimes= -p "$scheduler")))
# Made before the present scheduler began, and placed by it.
waited=$(jq --argjson since "$since" '[.[] | select(.made < $since - 1 and .placed >= $since - 1)] | length' <<<"$pods")
if [ "$waited" = 0 ]; then
  [ "$waiting" = 0 ] || hint "The scheduler is back, and $waiting of crowd have no node yet. It takes a second; if it stays so, look at: kubectl events"
  hint "The scheduler runs, and no pod of crowd has had to wait for it. Stop it, delete one, look, then start it: lab-ctl stop kube-scheduler"
fi
read -r wanted ready < <(jq -r '"\(.spec.replicas) \(.status.readyReplicas // 0)"' <<<"$deployment")
[ "$wanted" = "$ready" ] || hint "The scheduler is back: $wanted should be, $ready are ready. It takes a second; if it stays so, look at: kubectl get pods -l app=crowd -o wide"
