bb=~/bb
[ -d $bb ] || hint "There is no folder /root/bb yet. Fetch the image: cd ~ && skopeo copy --src-tls-verify=false docker://registry.lab:5000/library/busybox:1 oci:bb:1"
again="Begin again: rm -r ~/bb, then the line with skopeo copy."
[ -f $bb/oci-layout ] || hint "/root/bb is no image layout: it has no file oci-layout. The target reads oci:bb:1, with oci in front. $again"
digest=$(jq -r '.manifests[0].digest // empty' $bb/index.json 2>/dev/null)
[ -n "$digest" ] || hint "/root/bb/index.json names no image. $again"
layer=$(jq -r '.layers[0].digest // empty' "$bb/blobs/sha256/${digest#sha256:}" 2>/dev/null)
[ -n "$layer" ] && [ -s "$bb/blobs/sha256/${layer#sha256:}" ] && exit 0
hint "/root/bb holds no whole image: what its index points to is missing. $again"
