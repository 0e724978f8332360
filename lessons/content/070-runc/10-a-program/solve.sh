docker run -d --name site busybox:1 httpd -f -p 80 -h /etc
runc --root /run/docker/runtime-runc/moby exec $(docker inspect -f '{{.Id}}' site) touch /made-by-runc </dev/null
