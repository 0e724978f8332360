cd ~
skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/debian:13-slim oci:two:debian
skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/nginx:1.26 oci:two:nginx
