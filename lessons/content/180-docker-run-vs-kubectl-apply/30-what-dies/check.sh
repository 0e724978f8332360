pods=$(kubectl get pods -l app=twin -o json 2>/dev/null | jq -c '[.items[] | select(.metadata.deletionTimestamp == null)
  | {made: (.metadata.creationTimestamp | fromdate), count: (.status.containerStatuses[0].restartCount // 0), ready: (.status.containerStatuses[0].ready // false),
     ended: (.status.containerStatuses[0].lastState.terminated.finishedAt // empty | fromdate)} // {made: (.metadata.creationTimestamp | fromdate), count: 0, ready: (.status.containerStatuses[0].ready // false), ended: 0}]')
wanted=$(kubectl get deployment twin -o jsonpath='{.spec.replicas}' 2>/dev/null)
[ -n "$wanted" ] || hint "The deployment twin is missing. Apply it: kubectl apply -f ~/twin.yaml"
[ "$(jq 'any(.[]; .count > 0)' <<<"$pods")" = true ] || hint "Nothing has died yet in the pods of twin. Kill all four: kill -9 \$(pgrep -xf 'httpd -f -p 80 -h /var/www')"
case $(docker inspect -f '{{.State.Status}}' twin 2>/dev/null) in
  "") ;;
  running) hint "The pods have been brought back, and Docker's twin still runs: kill that as well, with the same command, and compare." ;;
  *) hint "Docker's twin is dead, and stays so. Now take the thing itself away: docker rm -f twin" ;;
esac
[ "$(jq '([.[] | select(.count > 0) | .ended] | min) as $killed | any(.[]; .count == 0 and .made >= $killed)' <<<"$pods")" = true ] ||
  hint "Docker's twin is gone for good. Now delete one of the pods: kubectl delete \$(kubectl get pods -l app=twin -o name | head -n 1)"
[ "$(jq '[.[] | select(.ready)] | length' <<<"$pods")" -ge "$wanted" ] || hint "$wanted should be ready, and are not yet. It takes some seconds: kubectl get pods -l app=twin"
