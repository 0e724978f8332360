if ! (: <>/dev/tcp/127.0.0.1/6443) 2>/dev/null; then
  hint "The API server is stopped. When you have tried the page and killed the process of raw, repair it: lab-ctl start kube-apiserver"
fi
pod=$(kubectl get pod raw -o json --show-managed-fields 2>/dev/null) || {
  [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' --cacert /etc/kubernetes/pki/ca.crt https://127.0.0.1:6443/readyz)" = 401 ] || hint "The API server is starting. It takes some seconds."
  hint "The pod raw is missing. POST it again: api POST /api/v1/namespaces/default/pods --json @/root/raw.json"
}
server=$(pgrep -x kube-apiserver | head -n 1)
since=$(($(date +%s) - $(ps -o etimes= -p "$server")))
read -r count began told < <(jq -r '[.status.containerStatuses[0].restartCount, (.status.containerStatuses[0].state.running.startedAt | if . then fromdate else 0 end),
  ([.metadata.managedFields[] | select(.subresource == "status" and .manager == "kubelet") | .time | fromdate] | max // 0)] | map(tostring) | join(" ")' <<<"$pod")
# Started again before the present API server began, and told to that one only: there was none at the time.
[ "${count:-0}" -gt 0 ] && [ "$began" -gt 0 ] && [ "$began" -le "$since" ] && [ "$told" -ge $((since - 1)) ] && exit 0
[ "$since" -gt $(($(date +%s) - 20)) ] && hint "The API server is back. If raw was started again meanwhile, the kubelet tells it in a moment. Otherwise once more: lab-ctl stop kube-apiserver, kill the process, start it."
hint "The API server runs. Stop it, and see what goes on without it: lab-ctl stop kube-apiserver"
