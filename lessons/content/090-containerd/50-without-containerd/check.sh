began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
up='setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &'
daemon=$(pgrep -x containerd | head -n 1)
[ -n "$daemon" ] || hint "containerd is dead, and the containers go on. See for yourself, then start a new one: $up"
tasks=$(timeout 2 ctr -n mine tasks ls 2>/dev/null) || hint "containerd has been started and does not answer yet. If that stays so, look at: tail /var/log/lab/containerd.log"
read -r pid status < <(awk '$1 == "clock" { print $2, $3 }' <<<"$tasks")
[ "$status" = RUNNING ] || hint "containerd runs, but there is no running task clock that could outlive it. Go back one step and start clock."
[ "$(began "$pid")" -lt "$(began "$daemon")" ] && exit 0
hint "This containerd is older than the task clock; nobody has outlived anything yet. Kill it: kill -9 \$(pgrep -x containerd), look around, and start it again: $up"
