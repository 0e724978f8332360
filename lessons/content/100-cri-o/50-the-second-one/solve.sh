mountpoint -q ~/ask/rootfs || root-for ask docker.io/library/busybox:1
printf '%s\n' '#!/bin/sh' "trap 'echo bye; exit 7' TERM" 'while sleep 1; do' '  wget -q -O - http://127.0.0.1/group | head -n 1' 'done' > ~/ask/rootfs/bin/ask
chmod 755 ~/ask/rootfs/bin/ask
jq '.process.args = ["ask"]' ~/web/config.json > ~/ask/config.json
hold ask
crun start ask
sleep 3; crun kill ask TERM
sleep 2; cat /run/crio/exits/ask
