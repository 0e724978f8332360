nodes=$(kubectl get nodes -o json 2>/dev/null | jq -c '[.items[] | {name: .metadata.name, taints: [.spec.taints // [] | .[] | select(.effect != "PreferNoSchedule")]}]')
jq -e 'any(.[]; .name == "fast" and (.taints | length) > 0)' <<<"$nodes" >/dev/null || hint "Everybody may go to fast. Put the taint on: kubectl taint node fast only=guests:NoSchedule"
if ! pods=$(kubectl get pods stranger guest -o json 2>/dev/null); then
  [ -s ~/guests.yaml ] || hint "fast is closed. Now the two who want to go there: save the file /root/guests.yaml."
  hint "fast is closed. Now let the two try it: kubectl apply -f ~/guests.yaml"
fi
read -r stranger guest invited < <(jq -r '[.items[] | {(.metadata.name): .}] | add | [.stranger.spec.nodeName // "-", .guest.spec.nodeName // "-",
  ([.guest.spec.tolerations[] | select((.key // "") | startswith("node.kubernetes.io/") | not)] | length)] | map(tostring) | join(" ")' <<<"$pods")
again="Then: kubectl replace --force -f ~/guests.yaml"
[ "$invited" -gt 0 ] || hint "guest has no toleration of its own. Take the file's text as it stands. $again"
[ -n "$(pgrep -x kube-scheduler)" ] || hint "Nobody looks for places, because the scheduler is stopped. Start it: lab-ctl start kube-scheduler"
[ "$guest" != - ] || hint "guest waits. Does its toleration name the taint of fast, key, value and effect? Compare: kubectl describe node fast. $again"
[ "$guest" = fast ] || hint "guest has gone to $guest, not to fast. Take the file's text as it stands. $again"
[ "$stranger" != fast ] || hint "stranger is on fast, so it came before the taint, or has a toleration. $again"
# nap comes to rest on small again only when it was put out and let in: its pods are younger than the taint's first guest.
late=$(kubectl get pods -l app=nap -o json | jq --argjson guest "$(jq '[.items[] | select(.metadata.name == "guest") | .metadata.creationTimestamp | fromdate] | first' <<<"$pods")" '
  [.items[] | select(.metadata.deletionTimestamp == null)] | "\(map(select((.metadata.creationTimestamp | fromdate) >= $guest)) | length) \(map(select(.spec.nodeName == null)) | length)"')
read -r new waiting <<<"${late//\"/}"
if jq -e 'any(.[]; .name == "small" and (.taints | length) > 0)' <<<"$nodes" >/dev/null; then
  hint "small has put its pods out. Once you have seen what became of them, take the taint away: kubectl taint node small broken-"
fi
[ "${new:-0}" -gt 0 ] || hint "guest is in, stranger waits. Now the harder word: kubectl taint node small broken=yes:NoExecute"
[ "$waiting" = 0 ] || hint "small is open again, and $waiting pods of nap have not been placed yet. It takes a second; if it stays so, look at: kubectl get pods -l app=nap -o wide"
