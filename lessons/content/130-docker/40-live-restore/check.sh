start='setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &'
engine=$(cat /run/docker.pid 2>/dev/null)
if [ "$(cat "/proc/${engine:-0}/comm" 2>/dev/null)" != dockerd ]; then
  jq . /etc/docker/daemon.json >/dev/null 2>&1 || hint "dockerd cannot start: /etc/docker/daemon.json is no JSON. Find the comma or bracket that is wrong: jq . /etc/docker/daemon.json"
  hint "dockerd is gone. Start it again: $start"
fi
on=$(timeout 2 docker info -f '{{.LiveRestoreEnabled}}' 2>/dev/null)
state=$(timeout 2 docker inspect -f '{{.State.Status}} {{.State.Pid}}' web 2>/dev/null)
case $on in
  true) ;;
  false)
    [ "$(jq '."live-restore"' /etc/docker/daemon.json 2>/dev/null)" = true ] && hint "The file says live-restore, but dockerd has not read it yet: kill -HUP \$(cat /run/docker.pid)"
    jq . /etc/docker/daemon.json >/dev/null 2>&1 || hint "/etc/docker/daemon.json is no JSON. Find the comma or bracket that is wrong: jq . /etc/docker/daemon.json"
    hint "live-restore is off. Put it into /etc/docker/daemon.json with the jq line, then: kill -HUP \$(cat /run/docker.pid)"
    ;;
  *) hint "dockerd is starting and does not answer yet. Look again in some seconds; what it says is in /var/log/lab/dockerd.log" ;;
esac
[ -n "$state" ] || hint "There is no container called web. Start it: docker run -d --name web busybox:1 httpd -f -p 80 -h /etc"
[ "${state% *}" = running ] || hint "live-restore is on, and web is ${state% *}. Start it: docker start web. Then kill dockerd, and start it again."
# When a process began, in hundredths of a second since the machine did.
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
web=$(began "${state#* }") dockerd=$(began "$engine")
[ "${web:-0}" -gt 0 ] && [ "$web" -lt "$dockerd" ] && exit 0
hint "live-restore is on, and web runs, but dockerd is the older of the two. Kill it and start it again: the block with kill -9"
