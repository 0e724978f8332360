docker info >/dev/null 2>&1 || hint "The Docker engine does not answer. Start it: setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &"
state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}} {{.NetworkSettings.IPAddress}}' letter 2>/dev/null) || {
  nameless=$(docker ps -a --filter status=created --format '{{.Names}}' | head -n 1)
  [ -n "$nameless" ] && hint "A container was made, but it is called $nameless. The name belongs to the address: …/containers/create?name=letter. Remove the other: docker rm $nameless"
  hint "There is no container called letter yet. Write the first order: the block with containers/create?name=letter"
}
read -r status image address <<<"$state"
again="Remove it with: docker rm -f letter, and write both orders again."
[ "$image" = busybox:1 ] || hint "The container letter is of the image $image, not busybox:1. $again"
case $status in
  running) ;;
  created) hint "letter is made, and has no process yet. The second order is: curl -s -i --unix-socket /run/docker.sock -X POST http://docker/containers/letter/start" ;;
  *) hint "The process of letter has ended (it is $status). Look at its Cmd: docker inspect -f '{{json .Config.Cmd}}' letter. $again" ;;
esac
[ -n "$address" ] && [ -n "$(curl -s -m 2 "http://$address/hostname")" ] && exit 0
hint "letter runs, but no web server answers in it. Compare the Cmd in your order with the one here. $again"
