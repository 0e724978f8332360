if ! pods=$(kubectl get pods modest trusting -o json 2>/dev/null); then
  [ -s ~/mine ] || hint "There is no scheduler of yours yet: save the file /root/mine."
  [ -s ~/waiting.yaml ] || hint "The scheduler is written. Now save what waits for it: the file /root/waiting.yaml."
  hint "The pods modest and trusting are not both there. Hand them in: kubectl apply -f ~/waiting.yaml"
fi
again="Then: kubectl replace --force -f ~/waiting.yaml"
while read -r name scheduler node; do
  [ "$scheduler" != default-scheduler ] || hint "$name waits for the ordinary scheduler. Take the file's text as it stands. $again"
  [ "$node" != - ] || hint "$name waits for $scheduler, and gets no node. Is yours running? In a terminal of its own: bash ~/mine"
done < <(jq -r '.items[] | "\(.metadata.name) \(.spec.schedulerName) \(.spec.nodeName // "-")"' <<<"$pods")
read -r modest node reason phase < <(jq -r '[.items[] | {(.metadata.name): .}] | add
  | [.modest.status.phase, .trusting.spec.nodeName, .trusting.status.reason // "-", .trusting.status.phase] | join(" ")' <<<"$pods")
[ -n "$(pgrep -x kubelet)" ] || hint "Both have their node, but its kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$modest" = Running ] || hint "modest has its node and is $modest. If that stays so, look why: kubectl describe pod modest"
[ "$node" = lab ] || hint "trusting was sent to $node, which is made of paper and takes everything. Send it to lab. $again"
case $reason in OutOf*) exit 0 ;; esac
hint "trusting is $phase on lab; it should have asked for 500 CPUs, and been turned away. Take the file's text as it stands. $again"
