pid=$(pgrep -xf 'sleep 7777' | head -n 1)
[ -n "$pid" ] || hint "No \"sleep 7777\" is running. Click the unshare line; it starts one in a container in the background."
for kind in pid uts net mnt ipc cgroup; do
  [ "$(ns "$pid" $kind)" != "$(ns self $kind)" ] || hint "sleep 7777 runs, but shares our $kind namespace. End it with: pkill -xf 'sleep 7777', and use the whole unshare line."
done
rooted_in "$pid" ~/box || hint "sleep 7777 has namespaces of its own, but not ~/box as its root. Add: --root ~/box"
own=$(awk '/^NSpid/ { print $NF }' "/proc/$pid/status")
[ "$own" = 1 ] || hint "sleep 7777 is process $own in its container, not 1. Let the shell become it: exec sleep 7777"
[ "$(hostname_of "$pid")" = box ] || hint "The container runs but is not called box. Start it with: hostname box; exec sleep 7777"
exit 0
