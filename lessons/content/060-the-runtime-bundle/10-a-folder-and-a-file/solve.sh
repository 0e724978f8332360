mkdir -p ~/bundle/rootfs
cd ~/bundle
docker create --name donor busybox:1
docker export donor | tar -x -C rootfs
docker rm donor
runc spec
