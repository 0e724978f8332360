of() {
  local id
  id=$(docker ps -aq --filter label=com.docker.compose.project=app --filter label=com.docker.compose.service="$1" | head -n 1)
  [ -n "$id" ] && docker inspect -f '{{.Id}} {{.State.Status}} {{.State.StartedAt}}{{println}}{{range .Config.Env}}{{println .}}{{end}}' "$id"
}
again='cd ~/app && docker compose up -d'
web=$(of web) store=$(of store)
if [ -z "$web$store" ]; then
  [ -s ~/app/compose.yaml ] || hint "Compose has nothing to read yet: save the file /root/app/compose.yaml."
  hint "The file is saved. Start what it says: $again"
fi
[ -n "$web" ] || hint "There is no container for the service web. Compare compose.yaml with the one here, then: $again"
[ -n "$store" ] || hint "There is no container for the service store. Compare compose.yaml with the one here, then: $again"
read -r web_id web_state web_began _ <<<"$web"
read -r store_id store_state store_began _ <<<"$store"
[ "$web_state" = running ] || hint "The container of web is $web_state. Start what is missing: $again"
[ "$store_state" = running ] || hint "The store is $store_state. Look at the page and at the logs, then repair it: $again"
name=$(sed -n 's/^STORE=//p' <<<"$web")
[ "$name" = store ] || hint "web looks for its store under the name \"$name\"; in compose.yaml it is called store. Mend STORE, then: $again"
visits=$(docker exec "$store_id" redis-cli get visits </dev/null 2>/dev/null)
if ! [ "${visits:-0}" -gt 0 ] 2>/dev/null; then
  [ -n "$(docker port "$web_id" 80 2>/dev/null)" ] || hint "web runs, but no port leads to it. Compare the ports in compose.yaml with those here, then: $again"
  hint "Both run, but no visitor has been counted. Visit the page: curl localhost:8080. If it does not count, look why: docker compose logs web"
fi
[[ $store_began > $web_began ]] && exit 0
hint "Both run, and the page counts. Now break it: docker compose stop store"
