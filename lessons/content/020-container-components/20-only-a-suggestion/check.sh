state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}}' redis 2>/dev/null) || {
  other=$(docker ps -a --filter ancestor=redis:8.0 --format '{{.Names}}' 2>/dev/null | head -n 1)
  [ -n "$other" ] && hint "Redis has a container, but it is called $other. Options like --name go before the image: docker rm -f $other, then docker run -d --name redis redis:8.0 --maxmemory 32mb"
  hint "There is no container called redis yet. Start it: docker run -d --name redis redis:8.0 --maxmemory 32mb"
}
again="Remove it with: docker rm -f redis, and start it again."
case $state in
  "running redis:8.0") ;;
  running*) hint "The container redis runs ${state#* }, not redis:8.0. $again" ;;
  *) hint "The container redis is ${state%% *}. Look why: docker logs redis. Then remove it with: docker rm -f redis" ;;
esac
limit=$(docker exec redis redis-cli config get maxmemory </dev/null 2>/dev/null | tail -n 1)
case $limit in
  33554432) exit 0 ;;
  0)
    [ "$(docker inspect -f '{{.HostConfig.Memory}}' redis)" = 0 ] || hint "You have limited the container; Redis itself has no limit. Its option comes after the image: --maxmemory 32mb"
    hint "Redis runs without a limit. Its argument comes after the image: redis:8.0 --maxmemory 32mb. $again"
    ;;
  [0-9]*) hint "Redis may fill $limit bytes; 32mb are 33554432. $again" ;;
  *) hint "Redis does not answer yet. If that stays so, look at: docker logs redis" ;;
esac
