store=/var/lib/containerd/crio
[ -s /etc/containers/storage.conf ] || hint "The store's place is not written down yet. Save the first file, /etc/containers/storage.conf."
layer=$(jq -r '.[] | select((.names // []) | index("docker.io/library/busybox:1")) | .layer' $store/overlay-images/images.json 2>/dev/null)
if [ -z "$layer" ]; then
  again="skopeo copy --src-tls-verify=false docker://registry.lab:5000/library/busybox:1 containers-storage:docker.io/library/busybox:1"
  [ -s $store/overlay-images/images.json ] && hint "There is an image in the store, but not under the name docker.io/library/busybox:1. Fetch it once more: $again"
  [ -d /var/lib/containers/storage ] && hint "An image went to /var/lib/containers/storage, as the file storage.conf was not saved at that time. Save it and repeat: $again"
  hint "The store has no image yet. Fetch one: $again"
fi
[ -x /usr/local/bin/root-for ] || [ -d ~/web/rootfs ] || hint "The image is there. Save the second file, /usr/local/bin/root-for."
mounted=$(findmnt -n -o FSTYPE,OPTIONS --mountpoint /root/web/rootfs 2>/dev/null)
case $mounted in
  "") hint "Nothing is mounted at /root/web/rootfs yet. Type: root-for web docker.io/library/busybox:1" ;;
  overlay*"$layer"*upperdir=*) ;;
  overlay*) hint "The overlay at /root/web/rootfs does not lie upon the image's layer with a folder on top. Take it away: umount ~/web/rootfs, then root-for web docker.io/library/busybox:1" ;;
  *) hint "At /root/web/rootfs is something else than an overlay. Take it away: umount ~/web/rootfs, then root-for web docker.io/library/busybox:1" ;;
esac
[ -x ~/web/rootfs/bin/busybox ] || hint "The root filesystem has no /bin/busybox. Take it away: umount ~/web/rootfs, then root-for web docker.io/library/busybox:1"
