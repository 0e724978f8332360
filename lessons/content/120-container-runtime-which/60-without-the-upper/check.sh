# When a process began, in hundredths of a second since the machine did.
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
manager=$(pgrep -xo containerd)
alone=$(runc state alone 2>/dev/null | jq -r 'select(.status == "running") | .pid')
run="runc run -d --bundle ~/bundle alone </dev/null >/dev/null 2>&1"
if [ -z "$manager" ]; then
  [ -n "$alone" ] && hint "containerd is away, and runc has started a container alone. Repair it now: lab-ctl start containerd"
  [ -s ~/bundle/config.json ] || hint "containerd is away, and there is no bundle. Start containerd (lab-ctl start containerd), and make the bundle of step 3."
  hint "containerd is away. What can runc do now? Hand it the bundle: $run"
fi
[ -n "$alone" ] || hint "Everything is in its place. Take the upper floor away, then hand runc the bundle: lab-ctl stop containerd; $run"
[ "$(began "$alone")" -lt "$(began "$manager")" ] || hint "The container alone was started while containerd was there. Remove it (runc delete -f alone), then: lab-ctl stop containerd; $run"
[ -S /run/containerd/containerd.sock ] && docker info >/dev/null 2>&1 || hint "containerd is starting. Look again in a moment."
