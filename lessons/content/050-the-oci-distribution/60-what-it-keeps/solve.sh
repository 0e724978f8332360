docker pull -q busybox:1
docker tag busybox:1 localhost:5000/bb:1
docker tag busybox:1 localhost:5000/other:1
docker push localhost:5000/bb:1
docker push localhost:5000/other:1
