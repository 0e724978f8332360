state=$(runc state count 2>/dev/null | jq -r .status)
case $state in
  paused) ;;
  running) hint "count runs. Pause it: runc pause count" ;;
  created) hint "count has not been started yet. First: runc start count. Then: runc pause count" ;;
  stopped) hint "count has ended, so there is nothing to pause. Remove it with: runc delete count; create it, start it, and pause it." ;;
  *) hint "There is no container count. Create it, and start it: cd ~/counter && runc run -d count < /dev/null > ~/count.log 2>&1" ;;
esac
