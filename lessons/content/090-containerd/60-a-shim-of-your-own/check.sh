pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
shim=/usr/local/bin/containerd-shim-mine-v1
[ -e $shim ] || hint "There is no shim yet: save the file $shim."
[ -x $shim ] || hint "The shim cannot be executed: chmod 755 $shim"
runtime=$(ctr -n mine containers info via 2>/dev/null | jq -r .Runtime.Name)
again="Remove it with: ctr -n mine tasks rm -f via; ctr -n mine containers rm via, and start it again with --runtime io.containerd.mine.v1"
[ -n "$runtime" ] || hint "Your shim is there. Start a container with it: ctr -n mine run -d --runtime io.containerd.mine.v1 docker.io/library/busybox:1 via sleep 1000"
[ "$runtime" = io.containerd.mine.v1 ] || hint "The container via has the runtime $runtime. $again"
status=$(ctr -n mine tasks ls 2>/dev/null | awk '$1 == "via" { print $3 }')
[ "$status" = RUNNING ] || hint "The container via is there, but its task is ${status:-missing}. $again"
grep -q -- '-id via .*start' ~/shim.log 2>/dev/null && exit 0
hint "via runs, but your shim has not written down the call in ~/shim.log. Compare $shim with the file here. $again"
