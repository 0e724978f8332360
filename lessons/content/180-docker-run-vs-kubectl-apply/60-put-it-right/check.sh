deployment=$(kubectl -n fair get deployment stand -o json 2>/dev/null) || hint "The deployment stand is gone from the namespace fair. Create one of nginx:1.26 with two replicas, label app=stand."
pods=$(kubectl -n fair get pods -o json 2>/dev/null | jq -c '[.items[] | select(.metadata.deletionTimestamp == null)]')
read -r wanted ready updated < <(jq -r '"\(.spec.replicas) \(.status.readyReplicas // 0) \(.status.updatedReplicas // 0)"' <<<"$deployment")
if [ "$ready" -lt 2 ] || [ "$updated" -lt 2 ]; then
  [ "$wanted" -ge 2 ] || hint "stand asks for $wanted replica; it should be two: kubectl -n fair scale deployment stand --replicas=2"
  for one in kube-controller kube-scheduler kubelet; do
    [ -n "$(pgrep -x $one)" ] && continue
    [ $one = kube-scheduler ] && hint "The pods are Pending, and not even their events say why. Nobody looks for a place. Who should? See: lab-ctl status"
    hint "A part of the cluster is stopped that is needed here. See which: lab-ctl status"
  done
  late=$(jq -r '[.[] | select(any(.status.containerStatuses[]?; .ready) | not)] | sort_by(.metadata.creationTimestamp) | last // {}' <<<"$pods")
  read -r node waiting phase < <(jq -r '[.spec.nodeName // "-", (.status.containerStatuses // [] | first | .state.waiting.reason // "-"), .status.phase // "-"] | join(" ")' <<<"$late")
  [ "$node" != - ] || hint "The scheduler is at work and finds no place. It says what it is missing: kubectl -n fair events"
  case $waiting in
    *Image* | *Pull*) hint "The pods have a node, and their image cannot be had. Which one do they ask for? nginx:1.26 can be had: kubectl -n fair set image deployment stand web=…" ;;
    Crash* | *Error) hint "The program ends again and again ($waiting). Look into its log: kubectl -n fair logs deployment/stand" ;;
  esac
  [ "$phase" = Running ] && hint "nginx runs, and is not said to be ready. Who asks it, and at which door? Look at: kubectl -n fair describe pods | grep -A 20 Events"
  hint "Something is under way: $ready of $wanted are ready. It takes some seconds: kubectl -n fair get pods"
fi
address=$(kubectl -n fair get service stand -o jsonpath='{.spec.clusterIP}' 2>/dev/null)
[ -n "$address" ] || hint "Both are ready, but there is no service any more: kubectl -n fair expose deployment stand --port=80"
[ -n "$(pgrep -x kube-scheduler)" ] || hint "Both are ready. But the scheduler is still stopped, and the next pod would wait in vain: lab-ctl start kube-scheduler"
case $(curl -s -m 2 "http://$address/") in *nginx*) exit 0 ;; esac
hint "Both are ready, and the service does not lead to them. Compare its selector and port with the pods: kubectl -n fair get endpointslices"
