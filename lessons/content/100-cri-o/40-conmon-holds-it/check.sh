state=$(crun state web 2>/dev/null | jq -r '"\(.status) \(.pid)"')
again="Remove it with: crun delete -f web, then hold web and crun start web"
if [ -z "$state" ]; then
  findmnt -n --mountpoint /root/web/rootfs >/dev/null || hint "The root filesystem is missing. Go back two steps: root-for web docker.io/library/busybox:1"
  [ -s ~/web/config.json ] || hint "The bundle has no config.json yet: the first block, with crun spec and jq."
  jq -e '[.linux.namespaces[] | select(.path != null)] | length >= 3' ~/web/config.json >/dev/null 2>&1 || hint "config.json names no paths for network, uts and ipc, so web would be in no pod. Run the first block again."
  [ -x /usr/local/bin/hold ] || hint "The contract is written. Save the file /usr/local/bin/hold."
  hint "There is no container web yet. Let conmon create it: hold web"
fi
pid=${state#* }
case $state in
  created*) hint "web is created, and waits. Give it the word: crun start web" ;;
  running*) ;;
  *) hint "web is ${state% *}. Look why: cat /var/log/pods/hand/web/0.log. $again" ;;
esac
for kind in net uts ipc; do
  [ "$(ns "$pid" $kind)" = "$(nsenter "--$kind=/run/${kind}ns/hand" readlink /proc/self/ns/$kind 2>/dev/null)" ] || hint "web runs, but its $kind namespace is not the pod's. Write config.json again, as in the first block. $again"
done
keeper=$(ps -o ppid= -p "$pid" | tr -d ' ')
[ "$(cat "/proc/$keeper/comm" 2>/dev/null)" = conmon ] || hint "web runs, but no conmon holds it. $again"
log=$(find "/proc/$keeper/fd" -lname '*.log' -printf '%l\n' 2>/dev/null | head -n 1)
[ -n "$log" ] || hint "conmon holds web, but writes no log. $again"
grep -q ' std[a-z]* [FP] ' "$log" && exit 0
hint "web runs, and has said nothing yet. Ask it for a page: nsenter --net=/run/netns/hand curl -s http://127.0.0.1/group"
