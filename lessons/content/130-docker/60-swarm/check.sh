docker info >/dev/null 2>&1 || hint "The Docker engine does not answer. Start it: setsid dockerd --containerd /run/containerd/containerd.sock >/var/log/lab/dockerd.log 2>&1 </dev/null &"
read -r swarm restore < <(docker info -f '{{.Swarm.LocalNodeState}} {{.LiveRestoreEnabled}}')
if [ "$swarm" != active ]; then
  [ "$restore" = true ] && hint "live-restore is on, so there can be no swarm. Put false into /etc/docker/daemon.json, and then: kill -HUP \$(cat /run/docker.pid)"
  hint "There is no swarm yet. Wake it: docker swarm init"
fi
wanted=$(docker service inspect -f '{{if .Spec.Mode.Replicated}}{{.Spec.Mode.Replicated.Replicas}}{{else}}0{{end}}' site 2>/dev/null) || {
  other=$(docker service ls --format '{{.Name}}' | head -n 1)
  [ -n "$other" ] && hint "There is a service, but it is called $other. Name it site: docker service create -d --name site --replicas 2 busybox:1 httpd -f -p 80 -h /etc"
  hint "There is no service called site yet. Declare it: docker service create -d --name site --replicas 2 busybox:1 httpd -f -p 80 -h /etc"
}
ended=$(docker service ps -q --filter desired-state=shutdown site | wc -l)
running=$(docker service ps --filter desired-state=running --format '{{.CurrentState}}' site | grep -c '^Running')
[ "$ended" -gt 0 ] || hint "The service runs, and nothing has happened to it yet. Remove one of its containers: docker rm -f \$(docker ps -q --filter name=site.1)"
[ "$wanted" -ge 4 ] || hint "It has healed. Now ask for more: docker service scale site=4"
[ "$running" -ge "$wanted" ] || hint "$running of $wanted run. Swarm waits five seconds before it makes a new one; if that stays so, look at: docker service ps site"
