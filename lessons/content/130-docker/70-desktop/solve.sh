setsid unshare --mount --net --uts --ipc --pid --fork --kill-child --mount-proc /root/vm >/var/log/lab/vm.log 2>&1 </dev/null &
docker context create desktop --docker host=unix:///srv/desktop/docker.sock
until docker --context desktop version >/dev/null 2>&1; do sleep 0.2; done
docker save busybox:1 | docker --context desktop load
docker --context desktop run -d --name web -p 8080:80 busybox:1 httpd -f -p 80 -h /etc
VM=$(pgrep -xf 'dockerd --host unix:///srv/desktop/docker.sock --data-root /var/lib/desktop')
setsid busybox nc -ll -p 8080 -e nsenter -t $VM -n busybox nc 127.0.0.1 8080 >/dev/null 2>&1 </dev/null &
