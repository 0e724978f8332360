state=$(runc state count 2>/dev/null | jq -r .status)
case $state in
  paused) hint "count is still paused. Let it go on: runc resume count" ;;
  running) hint "count still runs. Ask it to end: runc kill count TERM" ;;
  created) hint "count has never been started, so it has nothing to end with. First: runc start count. Then: runc kill count TERM" ;;
  stopped) hint "count has ended, and runc still remembers it. Throw its note away: runc delete count" ;;
esac
[ -s ~/count.log ] || hint "There is no container count, and there has been none. Begin with: cd ~/counter && runc run -d count < /dev/null > ~/count.log 2>&1"
for p in $(contained); do
  rooted_in "$p" ~/counter/rootfs && hint "runc knows nothing of count any more, but a process of it still lives. End it: kill -9 $p"
done
exit 0
