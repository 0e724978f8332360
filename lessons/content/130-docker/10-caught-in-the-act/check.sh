docker info >/dev/null 2>&1 || hint "The Docker engine does not answer. Start it: setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &"
state=$(docker inspect -f '{{.State.Status}} {{.State.Pid}} {{.Config.Image}} {{.Path}}' web 2>/dev/null) || {
  other=$(docker ps --filter ancestor=busybox:1 --format '{{.Names}}' | head -n 1)
  [ -n "$other" ] && hint "A container of busybox:1 runs, but it is called $other. The next steps look for web: docker rename $other web"
  hint "There is no container called web yet. Start it: docker run -d --name web busybox:1 httpd -f -p 80 -h /etc"
}
again="Remove it with: docker rm -f web, and start it again as the text shows."
read -r status pid image program <<<"$state"
[ "$image" = busybox:1 ] || hint "The container web is of the image $image, not busybox:1. $again"
[ "$program" = httpd ] || hint "The container web runs $program, not httpd. $again"
[ "$status" = running ] || hint "The container web is $status. Start it: docker start web"
case $(ps -o comm= -p "$(ps -o ppid= -p "$pid" | tr -d ' ')") in
  containerd-shim*) exit 0 ;;
  *) hint "web runs, but no shim is its parent. $again" ;;
esac
