cd ~
skopeo copy --src-tls-verify=false docker://registry.lab:5000/library/busybox:1 oci:bb:1
