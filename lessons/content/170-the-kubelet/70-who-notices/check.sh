kubelet=$(pgrep -x kubelet | head -n 1)
manager=$(pgrep -x kube-controller | head -n 1)
worried=$(tr '\0' '\n' <"/proc/${manager:-0}/cmdline" 2>/dev/null | sed -n 's/^--node-monitor-grace-period=//p' | tail -n 1)
read -r there elsewhere < <(kubectl get pods -l app=shop -o json 2>/dev/null | jq -r '[.items[] | select(.metadata.deletionTimestamp == null and .status.phase == "Running") | .spec.nodeName] | "\(map(select(. == "lab")) | length) \(map(select(. != "lab" and . != null)) | length)"')
ready=$(kubectl get node lab -o json 2>/dev/null | jq -r '.status.conditions[] | select(.type == "Ready") | .status')
[ -n "$manager" ] || hint "The controllers are stopped. Start them: lab-ctl start kube-controller-manager"
if [ "${elsewhere:-0}" -lt 2 ]; then
  [ "$worried" != 48h ] || hint "Nobody worries about a silent node yet. Write OPTIONS=\"--node-monitor-grace-period=30s\" into /etc/default/kube-controller-manager, then: lab-ctl restart kube-controller-manager"
  kubectl get nodes -o name | grep -qvx node/lab || hint "There is no other machine that could take anything over: lab-ctl nodes add spare --cpu 8"
  other=$(kubectl get nodes -o name | grep -vx node/lab | head -n 1)
  beat=$(kubectl -n kube-node-lease get lease "${other#node/}" -o json 2>/dev/null | jq '.spec.renewTime | sub("\\..*"; "Z") | fromdate')
  [ "${beat:-0}" -gt $(($(date +%s) - 25)) ] || hint "${other#node/} gives no sign of life, so it would be taken for dead, too. In a terminal of its own: bash ~/heart"
  kubectl get deployment shop >/dev/null 2>&1 || hint "Somebody would notice now. Next the shop: save /root/shop.yaml, then: kubectl apply -f ~/shop.yaml"
  [ -z "$kubelet" ] || hint "The shop has $there pods on lab. Stop the kubelet, and wait about half a minute: lab-ctl stop kubelet"
  [ "$ready" = True ] && hint "The kubelet is stopped, and nobody has noticed yet. It takes about half a minute: kubectl get nodes"
  hint "lab is not ready any more. The pods have some patience left: kubectl get pods -l app=shop -o wide"
fi
[ -n "$kubelet" ] || hint "The shop has moved to the other machine. Once you have counted, repair this one: lab-ctl start kubelet"
[ "$ready" = True ] || hint "The kubelet is back, and its node is not ready yet. It takes some seconds: kubectl get nodes"
[ -z "$(pgrep -xf 'httpd -f -p 80 -h /home')" ] || hint "lab is ready again, and the old web servers are being ended. It takes some seconds."
[ "$worried" = 48h ] && [ ! -e /etc/default/kube-controller-manager ] || hint "All is repaired. Now switch the worrying off, before your sandbox sleeps: rm -f /etc/default/kube-controller-manager; lab-ctl restart kube-controller-manager"
