ctr -n mine images pull --hosts-dir /etc/containerd/certs.d docker.io/library/busybox:1
ctr -n mine images ls
