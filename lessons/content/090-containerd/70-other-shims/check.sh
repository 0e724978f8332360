pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
made=$(ctr -n mine containers info clock 2>/dev/null | jq -r .CreatedAt)
[ -n "$made" ] || hint "There is no container clock in the room mine. Go back to the step on the shim and start it."
read -r pid status < <(ctr -n mine tasks ls 2>/dev/null | awk '$1 == "clock" { print $2, $3 }')
[ -n "$status" ] || hint "clock has lost its task with its shim, and the record is there. Start a new task: ctr -n mine tasks start -d --log-uri file:///root/clock.log clock"
[ "$status" = RUNNING ] || hint "The task of clock is $status. Remove it with: ctr -n mine tasks rm -f clock, and start it again: ctr -n mine tasks start -d clock"
# Its first task began together with the record.
began=$(($(date +%s) - $(ps -o etimes= -p "$pid")))
[ $((began - $(date -d "$made" +%s))) -ge 3 ] && exit 0
hint "clock still has its first shim. End that: kill -9 \$(ps -o ppid= -p $pid)"
