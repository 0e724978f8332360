mkdir -p ~/quick
jq '.process.args = ["true"] | .root.path = "/root/same/rootfs"' ~/same/config.json > ~/quick/config.json
cd ~/quick
~/cost runc run try
~/cost crun run try
