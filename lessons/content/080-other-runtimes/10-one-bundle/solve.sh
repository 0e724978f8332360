mkdir -p ~/same/rootfs
cd ~/same
docker create --name spare busybox:1
docker export spare | tar -x -C rootfs
docker rm spare
runc spec
jq '.process.args = ["report"] | .hostname = "same" | .process.terminal = false' config.json > new.json
mv new.json config.json
runc run -d by-runc < /dev/null > ~/by-runc.log 2>&1
crun run -d by-crun < /dev/null > ~/by-crun.log 2>&1
