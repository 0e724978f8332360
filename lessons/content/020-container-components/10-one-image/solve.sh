docker run --name hello busybox:1 echo 'hello from a container'
docker run -d --name nap busybox:1 sleep 1000
docker run --name note busybox:1 sh -c 'echo remember me > /note'
