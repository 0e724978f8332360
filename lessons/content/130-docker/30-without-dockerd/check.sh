start='setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &'
engine=$(cat /run/docker.pid 2>/dev/null)
if [ "$(cat "/proc/${engine:-0}/comm" 2>/dev/null)" != dockerd ]; then
  pgrep -xf 'httpd -f -p 80 -h /etc' >/dev/null && hint "dockerd is gone, and the web server runs on. Ask it for its page, then repair the engine: $start"
  hint "dockerd is gone. Start it again: $start"
fi
state=$(timeout 2 docker inspect -f '{{.State.Status}} {{.Created}} {{.State.StartedAt}}' web 2>&1)
case $state in
  *"No such"*) hint "There is no container called web. Start it: docker run -d --name web busybox:1 httpd -f -p 80 -h /etc" ;;
  "" | *"annot connect"*) hint "dockerd is starting and does not answer yet. It gives the containers ten seconds to end; look again then." ;;
esac
read -r status created started <<<"$state"
created=$(date -d "$created" +%s) started=$(date -d "$started" +%s)
began=$(($(date +%s) - $(ps -o etimes= -p "$engine")))
[ "$created" -lt "$began" ] || hint "This dockerd is older than web, so it has not been killed. Do that: kill -9 \$(cat /run/docker.pid)"
[ "$status" = running ] && [ "$started" -lt "$began" ] \
  && hint "web has survived: live-restore is on, which is the next step. Here see what happens without it: put false in /etc/docker/daemon.json"
[ "$status" = created ] && hint "web has never run. Start it, then kill dockerd: docker start web"
exit 0
