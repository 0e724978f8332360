state=$(crun state web 2>/dev/null | jq -r '"\(.status) \(.pid)"')
pid=${state#* }
if [ -e /run/crio/exits/web ]; then
  hint "web has left an exit code in /run/crio/exits/web, so its conmon was there when it ended. Once more: crun delete -f web; sleep 1; rm /run/crio/exits/web; hold web && crun start web. Then kill -9 \$(cat ~/web/conmon.pid), before you end web."
fi
case $state in
  "") hint "There is no container web. Start it as attempt 1: hold web 1 && crun start web" ;;
  created*) hint "web is created, and waits. Give it the word: crun start web" ;;
  running*) ;;
  *) hint "web has ended, and nobody has noted how. Repair it: crun delete web, then hold web 1 && crun start web" ;;
esac
keeper=$(ps -o ppid= -p "$pid" | tr -d ' ')
[ "$(cat "/proc/$keeper/comm" 2>/dev/null)" = conmon ] || hint "conmon is dead, and web goes on. Look at its log; then end web, and see what is left: crun kill web KILL"
log=$(find "/proc/$keeper/fd" -lname '*.log' -printf '%l\n' 2>/dev/null | head -n 1)
case $log in
  */web/0.log)
    [ -s /var/log/pods/hand/web/1.log ] && hint "web runs as attempt 0 again. Number the attempts: crun delete -f web; sleep 1; rm -f /run/crio/exits/web; hold web 1 && crun start web"
    hint "web is attempt 0, and its conmon holds it. End the conmon: kill -9 \$(cat ~/web/conmon.pid). (Done already, and repaired? Then number the attempt: crun delete -f web; sleep 1; rm -f /run/crio/exits/web; hold web 1 && crun start web)" ;;
  "") hint "web runs, but its conmon writes no log. Remove it with: crun delete -f web; sleep 1; rm -f /run/crio/exits/web; then hold web 1 && crun start web" ;;
esac
