crun delete ask
hold ask 1 && crun start ask
docker run -d --name shop busybox:1 httpd -f -p 80 -h /etc
