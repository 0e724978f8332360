state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}}' web 2>/dev/null) || {
  other=$(docker ps --filter ancestor=nginx:1.26 --format '{{.Names}}' 2>/dev/null | head -n 1)
  [ -n "$other" ] && hint "nginx runs, but its container is called $other. Rename it: docker rename $other web"
  hint "There is no container called web yet. Start it: docker run -d --name web nginx:1.26"
}
case $state in
  "running nginx:1.26" | "running docker.io/library/nginx:1.26") exit 0 ;;
  running*) hint "The container web runs ${state#* }, not nginx:1.26. Remove it with: docker rm -f web, and start it again." ;;
  *) hint "The container web exists but is ${state%% *}. Start it: docker start web" ;;
esac
