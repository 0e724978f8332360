state=$(runc state count 2>/dev/null | jq -r '"\(.status) \(.pid)"')
case $state in
  "") hint "There is no container count. Go back one step and create it: cd ~/counter && runc create count < /dev/null > ~/count.log 2>&1" ;;
  stopped*) hint "count has ended, and its network with it. Remove it with: runc delete count, and create it again, one step back." ;;
esac
pid=${state#* }
inside=$(nsenter --target "$pid" --net ip -o link show 2>/dev/null | grep -vc ': lo:')
if [ "$inside" = 0 ]; then
  [ "$(ns "$pid" net)" = "$(ns self net)" ] && hint "count shares this machine's network: config.json names no network namespace. Begin again with: runc spec"
  [ ! -e /sys/class/net/cable ] || hint "There is a cable, but none of its ends is in the container. Remove it with: ip link del cable, and lay it again, to netns \$P"
  hint "The container's network has nothing but lo. Lay the cable: the block with ip link add"
fi
address=$(nsenter --target "$pid" --net ip -o -4 addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
[ -n "$address" ] || hint "The container has an end of the cable, but no address: nsenter --target \$P --net ip addr add 10.7.0.2/24 dev eth0"
ping -c 1 -W 1 "$address" >/dev/null 2>&1 && exit 0
hint "The container has the address $address, but does not answer there. Are both ends up, and has this end an address? ip link set cable up; ip addr show cable"
