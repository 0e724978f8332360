jq '."live-restore" = false' /etc/docker/daemon.json > ~/daemon.json && cp ~/daemon.json /etc/docker/daemon.json
kill -HUP $(cat /run/docker.pid)
sleep 1
docker swarm init
docker service create -d --name site --replicas 2 busybox:1 httpd -f -p 80 -h /etc
until docker service ls | grep -q 2/2; do sleep 1; done
docker rm -f $(docker ps -q --filter name=site.1)
sleep 2
docker service scale site=4
