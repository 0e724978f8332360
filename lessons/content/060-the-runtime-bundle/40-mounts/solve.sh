mkdir -p ~/pages; echo 'hello from outside' > ~/pages/index.html
cd ~/bundle
jq '.process.args = ["httpd", "-f", "-p", "80", "-h", "/pages"]' config.json > new && mv new config.json
jq '.mounts += [{destination: "/pages", type: "bind", source: "/root/pages", options: ["bind", "ro", "nodev"]}]' config.json > new && mv new config.json
jq '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["size=8m", "mode=1777"]}]' config.json > new && mv new config.json
runc delete -f mine
runc run -d mine </dev/null >/dev/null 2>&1
