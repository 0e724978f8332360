ctr -n mine run -d --runtime io.containerd.mine.v1 docker.io/library/busybox:1 via sleep 1000
cat ~/shim.log
