cd ~/bundle 2>/dev/null || hint "There is no folder /root/bundle yet. Begin with: mkdir -p ~/bundle/rootfs; cd ~/bundle"
if ! [ -x rootfs/bin/sh ] && ! [ -L rootfs/bin/sh ]; then
  [ -x bin/sh ] || [ -L bin/sh ] && hint "The files lie in the bundle itself; they belong one folder down. Begin again: rm -r ~/bundle, then: docker export donor | tar -x -C rootfs"
  docker inspect donor >/dev/null 2>&1 && hint "The donor is there; its files are not in the bundle yet: cd ~/bundle && docker export donor | tar -x -C rootfs"
  hint "The root filesystem is empty. Let Docker lend you files: docker create --name donor busybox:1 && docker export donor | tar -x -C ~/bundle/rootfs"
fi
[ -e config.json ] || hint "The files are there; what shall be done with them is not said yet. Get a draft: cd ~/bundle && runc spec"
jq -e '.process and .root.path' config.json >/dev/null 2>&1 || hint "~/bundle/config.json is no configuration. Get a new draft: cd ~/bundle && rm config.json && runc spec"
