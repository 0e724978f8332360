skopeo copy --src-tls-verify=false docker://registry.lab:5000/library/busybox:1 containers-storage:docker.io/library/busybox:1
root-for web docker.io/library/busybox:1
