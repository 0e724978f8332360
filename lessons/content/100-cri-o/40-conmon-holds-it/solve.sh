cd ~/web && rm -f config.json && crun spec
jq '.process.args = ["httpd", "-f", "-v", "-p", "80", "-h", "/etc"] | .process.terminal = false | del(.hostname)' config.json > new && mv new config.json
jq '.linux.namespaces = [{type: "pid"}, {type: "mount"}, {type: "network", path: "/run/netns/hand"}]' config.json > new && mv new config.json
jq '.linux.namespaces += [{type: "uts", path: "/run/utsns/hand"}, {type: "ipc", path: "/run/ipcns/hand"}]' config.json > new && mv new config.json
hold web
crun start web
sleep 1; nsenter --net=/run/netns/hand curl -s http://127.0.0.1/group | head -n 1
