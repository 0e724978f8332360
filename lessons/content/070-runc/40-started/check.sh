state=$(runc state count 2>/dev/null | jq -r '"\(.status) \(.pid)"')
case $state in
  "running "*) ;;
  "") hint "There is no container count. Go back two steps and create it: cd ~/counter && runc create count < /dev/null > ~/count.log 2>&1" ;;
  created*)
    grep -qz '^init$' "/proc/${state#* }/cmdline" 2>/dev/null && hint "count is created, and waits. Give it the word: runc start count"
    hint "count has begun, but not by runc start: runc still takes it for created. Say: rm /run/runc/count/exec.fifo" ;;
  paused*) hint "count is paused. Let it go on: runc resume count" ;;
  *) hint "count has ended. Remove it with: runc delete count, then create and start it again." ;;
esac
