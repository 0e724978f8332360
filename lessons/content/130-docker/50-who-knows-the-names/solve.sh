docker network create front
docker network create back
docker network connect front web
docker network connect back web
docker run -d --name visitor --network front busybox:1 sleep 100000
docker run -d --name store --network back busybox:1 httpd -f -p 6379 -h /etc
