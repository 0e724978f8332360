pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
start="ctr -n mine run -d --log-uri file:///root/clock.log docker.io/library/busybox:1 clock sh -c 'while date; do sleep 1; done'"
ctr -n mine containers info clock >/dev/null 2>&1 || {
  ctr -n mine images ls -q 2>/dev/null | grep -q '/busybox:1$' || hint "The image is missing. Go back to the first step and fetch it."
  hint "There is no container clock in the room mine yet. Start it: $start"
}
read -r pid status < <(ctr -n mine tasks ls 2>/dev/null | awk '$1 == "clock" { print $2, $3 }')
again="Remove it with: ctr -n mine tasks rm -f clock; ctr -n mine containers rm clock, and start it again."
[ "$status" = RUNNING ] || hint "The container clock is there, but its task is ${status:-missing}. $again"
shim=$(ps -o ppid= -p "$pid" | tr -d ' ')
[ -e ~/clock.log ] || hint "clock runs, but there is no file ~/clock.log. Say where its output shall go, with --log-uri. $again"
for fd in /proc/"$shim"/fd/*; do
  [ "$fd" -ef /root/clock.log ] && exit 0
done
hint "clock runs, but its shim does not write to ~/clock.log. $again"
