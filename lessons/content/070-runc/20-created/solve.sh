mkdir -p ~/counter/rootfs
cd ~/counter
docker export site | tar -x -C rootfs
runc spec
jq '.process.args = ["count"] | .hostname = "counter" | .process.terminal = false' config.json > new.json
mv new.json config.json
runc create count < /dev/null > ~/count.log 2>&1
