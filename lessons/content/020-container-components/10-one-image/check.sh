state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}} {{join .Config.Cmd " "}}' nap 2>/dev/null) || hint "There is no container called nap yet. Start it: docker run -d --name nap busybox:1 sleep 1000"
case $state in
  "running busybox:1 sleep "*) ;;
  "running busybox:1 "*) hint "nap runs, but its command is ${state#running busybox:1 }, not sleep. Remove it with: docker rm -f nap, and start it again." ;;
  running*) hint "nap runs, but not from the image busybox:1. Remove it with: docker rm -f nap, and start it again." ;;
  *) hint "nap is ${state%% *}. Start it again: docker start nap" ;;
esac
state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}}' hello 2>/dev/null) || hint "nap is there, hello is not yet. Run: docker run --name hello busybox:1 echo 'hello from a container'"
[ "$state" = "exited busybox:1" ] || hint "hello should be a container of busybox:1 that has ended; it is ${state/ /, from }. Remove it with: docker rm -f hello, and run the first line again."
docker inspect note >/dev/null 2>&1 || hint "Two containers from one image. Now let a third, called note, write a file: the block with /note."
docker diff note | grep -qx 'A /note' && exit 0
hint "The container note has no file /note of its own. Remove it with: docker rm -f note, and let it write the file again."
