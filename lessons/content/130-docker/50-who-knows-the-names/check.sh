start='setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &'
engine=$(cat /run/docker.pid 2>/dev/null)
[ "$(cat "/proc/${engine:-0}/comm" 2>/dev/null)" = dockerd ] || hint "dockerd is gone, and with it all names. Start it again: $start"
for network in front back; do
  docker network inspect $network >/dev/null 2>&1 || hint "There is no network called $network yet. Make it: docker network create $network"
done
in_networks() { docker inspect -f '{{.State.Status}}{{range $name, $_ := .NetworkSettings.Networks}} {{$name}}{{end}}' "$1" 2>/dev/null; }
web=$(in_networks web) visitor=$(in_networks visitor) store=$(in_networks store)
[ -n "$web" ] || hint "There is no container called web. Start it: docker run -d --name web busybox:1 httpd -f -p 80 -h /etc"
for network in front back; do
  [[ " $web " == *" $network "* ]] || hint "web is not in the network $network yet. Connect it: docker network connect $network web"
done
[ -n "$visitor" ] || hint "There is no visitor yet. Start it: docker run -d --name visitor --network front busybox:1 sleep 100000"
[ -n "$store" ] || hint "There is no store yet. Start it: docker run -d --name store --network back busybox:1 httpd -f -p 6379 -h /etc"
[ "${visitor#* }" = front ] || hint "visitor should be in front and nowhere else; it is in: ${visitor#* }. Remove it with: docker rm -f visitor, and start it with --network front"
[ "${store#* }" = back ] || hint "store should be in back and nowhere else; it is in: ${store#* }. Remove it with: docker rm -f store, and start it with --network back"
for name in web visitor store; do
  state=${!name}
  [ "${state%% *}" = running ] || hint "The container $name is ${state%% *}. Start it: docker start $name"
done
[ "$(docker exec visitor wget -T 1 -qO- http://web/hostname </dev/null 2>/dev/null)" ] && exit 0
hint "All are where they belong, but the visitor gets no page from web. Ask by hand: docker exec visitor wget -T 2 -qO- http://web/hostname"
