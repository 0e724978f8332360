P=$(runc state count | jq .pid)
ip link add cable type veth peer name eth0 netns $P
ip addr add 10.7.0.1/24 dev cable
ip link set cable up
nsenter --target $P --net ip addr add 10.7.0.2/24 dev eth0
nsenter --target $P --net ip link set eth0 up
