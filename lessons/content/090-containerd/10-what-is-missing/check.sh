pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
pull="ctr -n mine images pull --hosts-dir /etc/containerd/certs.d docker.io/library/busybox:1"
image=$(ctr -n mine images ls 2>/dev/null | awk '$1 ~ /\/busybox:1$/ { print $1, $3; exit }')
if [ -z "$image" ]; then
  ctr -n default images ls -q 2>/dev/null | grep -q '/busybox:1$' && hint "The image went into containerd's default room. Say which one: $pull"
  hint "There is no image busybox:1 in the room mine yet. Fetch it: $pull"
fi
ctr -n mine content get "${image#* }" 2>/dev/null | jq -e .layers >/dev/null || hint "The image has a name, but its content is not there. Fetch it again: $pull"
ctr -n mine snapshots ls 2>/dev/null | grep -q Committed || hint "The image is there and not unpacked. Fetch it with: $pull"
