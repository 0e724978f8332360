mkdir -p ~/bundle/rootfs
docker export $(docker create busybox:1) | tar -x -C ~/bundle/rootfs
cd ~/bundle && runc spec
jq '.process.args = ["sleep", "100000"] | .process.terminal = false' config.json > new && mv new config.json
runc run -d --bundle ~/bundle one </dev/null >/dev/null 2>&1
crun run -d --bundle ~/bundle two </dev/null >/dev/null 2>&1
