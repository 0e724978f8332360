config=~/patient/config.json
[ -s $config ] || hint "There is no patient yet: save the file /root/patient/config.json as it is."
start="runc run -d --bundle ~/patient patient </dev/null >/dev/null"
pid=$(runc state patient 2>/dev/null | jq 'select(.status == "running").pid')
if [ -z "$pid" ]; then
  runc state patient >/dev/null 2>&1 && hint "The patient has died again. Take it away, and try once more: runc delete -f patient; $start"
  jq -e . $config >/dev/null 2>&1 || hint "config.json is no JSON any more: $(jq . $config 2>&1 | tail -n 1). Look for a comma or a bracket, and save it again."
  is() { jq -e "$1" $config >/dev/null 2>&1; }
  is '.linux.resources.memory.limit | type == "string"' && hint "A limit is a number of bytes, without quotation marks: 32 MB are 33554432. Mend it, save, and start: $start"
  is '.process.cwd // "" | startswith("/") | not' && hint "The patient does not start. See what runc says: $start. The first is cwd: it must begin with a slash."
  is '[.linux.namespaces[].type] | index("net")' && hint "runc knows no namespace called net. What does runc spec call it? jq .linux.namespaces ~/bundle/config.json shows one."
  is '.hostname and ([.linux.namespaces[].type] | index("uts") | not)' && hint "The contract sets a hostname, and asks for no namespace of type uts in which to set it. Add one."
  source=$(jq -r 'first(.mounts[] | select(.destination == "/pages")).source // empty' $config 2>/dev/null)
  [ -z "$source" ] || [ -e "$source" ] || hint "$source is to be shown at /pages, and there is no such folder. What is the one with your page called?"
  hint "The patient does not run yet. Start it, and read the end of what runc says: $start"
fi
again="Mend config.json, then: runc delete -f patient; $start"
[ "$(ns "$pid" uts)" != "$(ns self uts)" ] && [ "$(hostname_of "$pid")" = patient ] || hint "It runs, but not under the name patient. It needs its hostname, and the namespace uts. $again"
[ "$(ns "$pid" net)" != "$(ns self net)" ] || hint "It runs, but in the network of your sandbox: its namespaces lack one of type network. $again"
[ "/proc/$pid/root/pages" -ef ~/pages ] || hint "It runs, but your folder /root/pages is not at /pages. $again"
page=$(nsenter -t "$pid" -n curl -s -m 2 http://127.0.0.1/)
[ -n "$page" ] && [ "$page" = "$(cat ~/pages/index.html)" ] || hint "It runs, but your page does not come. Its args and its cwd should lead to /pages. $again"
if [ -d /sys/fs/cgroup/memory ]; then
  limit=$(cat "/sys/fs/cgroup/memory$(sed -nE 's/^[0-9]+:([^:]*,)?memory(,[^:]*)?://p' "/proc/$pid/cgroup")/memory.limit_in_bytes")
else
  limit=$(cat "/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$pid/cgroup")/memory.max")
fi
case $limit in max | ?????????????*)
  jq -e '.linux.resources.memory.limit' $config >/dev/null 2>&1 && hint "config.json limits its memory, and what runs is older than that. Replace it: runc delete -f patient; $start"
  hint "It runs and serves, and the kernel knows no limit for it: one word in the contract is not spelled as runc knows it. $again" ;;
esac
[ "$limit" -le 134217728 ] || hint "Its limit is $limit bytes; 32 MB were meant, 33554432. $again"
