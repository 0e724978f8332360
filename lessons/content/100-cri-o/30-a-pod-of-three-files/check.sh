again="umount /run/netns/hand /run/utsns/hand /run/ipcns/hand, and run the block with unshare again."
for kind in net uts ipc; do
  file=/run/${kind}ns/hand
  [ -e $file ] || hint "There is no file $file yet. Make the three: the block with mkdir, touch and unshare."
  [ "$(stat -f -c %T $file)" = nsfs ] || hint "$file is a plain file; no namespace is bound to it. Bind one: unshare --net=/run/netns/hand --uts=/run/utsns/hand --ipc=/run/ipcns/hand sh -c 'hostname hand; ip link set lo up'"
  case $(nsenter "--$kind=$file" readlink /proc/self/ns/$kind 2>/dev/null) in
    "") hint "$file holds a namespace, but not one of the kind $kind. Take all three away: $again" ;;
    "$(ns self $kind)") hint "$file holds this machine's own $kind namespace, not a new one. Take all three away: $again" ;;
  esac
done
name=$(nsenter --uts=/run/utsns/hand hostname)
[ "$name" = hand ] || hint "The pod's hostname is $name, not hand. Give it its name: nsenter --uts=/run/utsns/hand hostname hand"
nsenter --net=/run/netns/hand ip -o link show lo | grep -q '[<,]UP' || hint "In the pod's network lo is down, so its containers could not talk to each other. Say: nsenter --net=/run/netns/hand ip link set lo up"
