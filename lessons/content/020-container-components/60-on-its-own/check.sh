for pair in one=hello:1 new=hello:2; do
  name=${pair%%=*} image=${pair#*=}
  state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}}' $name 2>/dev/null) || {
    [ $name = one ] && hint "The container one is missing. Start it: docker run -d --name one -p 8001:80 hello:1"
    hint "The new version does not run yet. Start it beside the old one: docker run -d --name new -p 8003:80 -m 64m hello:2"
  }
  case $state in
    "running $image") ;;
    running*) hint "The container $name runs ${state#* }, not $image. Remove it with: docker rm -f $name, and start it again." ;;
    *) hint "The container $name is ${state%% *}. Start it again: docker start $name" ;;
  esac
done
[ "$(docker inspect -f '{{.HostConfig.Memory}}' new)" != 0 ] || hint "The container new has no limit. Remove it with: docker rm -f new, and start it with -m 64m before the image's name."
state=$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.HostConfig.Memory}}' greedy 2>/dev/null) || hint "Old and new run side by side. Now break something: start the container greedy."
again="Remove it with: docker rm -f greedy, and start it again."
case $state in
  *" 0") hint "greedy had no limit, so nothing stopped it. $again Write -m 64m before the image's name." ;;
  "exited 137 "*) exit 0 ;;
  "exited 0 "*) hint "greedy got what it wanted: its limit is higher than 512 MB. $again Take -m 64m." ;;
  exited*) hint "greedy has ended for another reason. $again" ;;
  *) hint "greedy is ${state%% *}. It should have ended for want of memory. $again" ;;
esac
