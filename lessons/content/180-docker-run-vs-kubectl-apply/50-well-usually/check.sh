state=$(docker inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.RestartCount}} {{.State.Status}}' phoenix 2>/dev/null) || hint "There is no container called phoenix yet: docker run -d --name phoenix --restart always busybox:1 sleep 8000"
again="Remove it with: docker rm -f phoenix, and start it again."
read -r policy count status <<<"$state"
case $policy in always | unless-stopped | on-failure) ;; *) hint "phoenix has no rule that would bring it back (restart policy: $policy). $again Write --restart always before the image's name." ;; esac
[ "$count" -gt 0 ] || hint "phoenix has not risen yet (it is $status). Start it if need be: docker start phoenix, and kill its process, not the container: kill -9 \$(pgrep -xf 'sleep 8000')"
[ "$(docker info -f '{{.Swarm.LocalNodeState}}' 2>/dev/null)" = active ] || hint "phoenix has risen. Now Swarm, which is still off: docker swarm init --advertise-addr 127.0.0.1"
wanted=$(docker service inspect -f '{{.Spec.Mode.Replicated.Replicas}}' stall 2>/dev/null) || hint "Swarm is on. Describe a service to it: docker service create -d --name stall --replicas 3 --no-resolve-image busybox:1 sleep 8100"
tasks=$(docker service ps --no-trunc --format '{{.DesiredState}} {{.CurrentState}}' stall 2>/dev/null)
running=$(grep -c '^Running Running' <<<"$tasks")
grep -q '^Shutdown' <<<"$tasks" || {
  [ "$running" = "$wanted" ] || hint "stall is being started: $running of $wanted. Look at: docker service ls"
  hint "All $wanted of stall run. Take one away: docker rm -f \$(docker ps -q --filter label=com.docker.swarm.service.name=stall | head -n 1)"
}
[ "$running" -ge "$wanted" ] || hint "One of stall is gone, and $running of $wanted run. It takes some seconds: docker service ps stall"
