[ -d ~/box ] || hint "There is no folder ~/box yet. Begin with: mkdir -p ~/box/bin ~/box/proc"
[ -x ~/box/bin/busybox ] || hint "The folder ~/box is there, but BusyBox is not in it: cp /usr/bin/busybox ~/box/bin/"
[ -L ~/box/bin/sh ] || hint "BusyBox is in the box, but its commands are not: chroot ~/box /bin/busybox --install -s /bin"
for p in /proc/[0-9]*; do
  rooted_in "${p#/proc/}" ~/box && exit 0
done
hint "The box is ready, but nothing runs in it now. Start something: chroot ~/box /bin/sleep 2000 &"
