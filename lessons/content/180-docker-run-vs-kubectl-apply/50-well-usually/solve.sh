docker run -d --name phoenix --restart always busybox:1 sleep 8000
kill -9 $(pgrep -xf 'sleep 8000')
docker swarm init --advertise-addr 127.0.0.1
docker service create -d --name stall --replicas 3 --no-resolve-image busybox:1 sleep 8100
until docker service ls | grep 3/3; do sleep 1; done
docker rm -f $(docker ps -q --filter label=com.docker.swarm.service.name=stall | head -n 1)
until docker service ps stall | grep Shutdown; do sleep 1; done
until [ "$(docker ps -q --filter label=com.docker.swarm.service.name=stall | wc -l)" = 3 ]; do sleep 1; done
