pod=$(kubectl get pod two -o json 2>/dev/null) || hint "The pod two is missing. Go back to step 2 and apply it: kubectl apply -f ~/two.yaml"
kubelet=$(pgrep -x kubelet | head -n 1)
web=$(pgrep -xf 'httpd -f -p 80 -h /site' | head -n 1)
if [ -z "$kubelet" ]; then
  [ -n "$web" ] && hint "The kubelet is stopped, and web still runs. Kill it now: kill -9 \$(pgrep -xf 'httpd -f -p 80 -h /site')"
  hint "web is dead and nobody brings it back. See what kubectl says, then repair it: lab-ctl start kubelet"
fi
# What ended before the present kubelet began, and runs since, has ended without one.
read -r ended began < <(jq -r '.status.containerStatuses[] | select(.name == "web")
  | [.lastState.terminated.finishedAt, .state.running.startedAt] | map(if . then fromdate else 0 end | tostring) | join(" ")' <<<"$pod")
since=$(($(date +%s) - $(ps -o etimes= -p "$kubelet")))
[ -n "$web" ] && [ "${ended:-0}" -gt 0 ] && [ "$ended" -lt $((since - 1)) ] && [ "${began:-0}" -ge $((since - 1)) ] && exit 0
[ -n "$web" ] || hint "web does not run. The kubelet is there, so it should be back soon; look at: kubectl describe pod two"
[ "$since" -gt $(($(date +%s) - 15)) ] && [ "${ended:-0}" -lt $((since - 1)) ] && [ "${began:-0}" -lt "$since" ] \
  && hint "The kubelet is back, but web did not end while it was away. Once more: lab-ctl stop kubelet, kill web, wait a little, lab-ctl start kubelet"
hint "The kubelet runs, so whatever ends comes back. Stop it first: lab-ctl stop kubelet"
