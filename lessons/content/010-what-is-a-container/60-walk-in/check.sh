first=$(pgrep -xf 'sleep 7777' | head -n 1)
[ -n "$first" ] || hint "The container of the step before has ended. Go back one step and start it again."
second=$(pgrep -f '^(/bin/)?sleep 8888$' | head -n 1)
[ -n "$second" ] || hint "No \"sleep 8888\" is running yet. Let nsenter start it: the second block."
for kind in pid uts net mnt ipc; do
  [ "$(ns "$second" $kind)" = "$(ns "$first" $kind)" ] || hint "sleep 8888 runs, but is not in the container's $kind namespace. End it with: pkill -f 'sleep 8888', and use the whole nsenter line."
done
rooted_in "$second" ~/box || hint "sleep 8888 is in the namespaces, but has not taken the root directory. Add: --root --wd"
exit 0
