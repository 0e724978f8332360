root-for ask docker.io/library/busybox:1
cp ~/ask/ask ~/ask/rootfs/bin/
jq '.process.args = ["ask"]' ~/web/config.json > ~/ask/config.json
hold ask
crun start ask
sleep 3; crun kill ask TERM
sleep 2; cat /run/crio/exits/ask
