pid=$(pgrep -xf 'sleep 1000' | head -n 1)
if [ -z "$pid" ]; then
  pgrep -a -x sleep | grep -qv infinity && hint "A sleep is running, but not \"sleep 1000\". Start it with: sleep 1000 &"
  hint "There is no process \"sleep 1000\" yet. Click the first Run button, or type: sleep 1000 &"
fi
[ "$(ns "$pid" pid)" = "$(ns self pid)" ] || hint "That sleep runs in a container already. Start one right here: sleep 1000 &"
exit 0
