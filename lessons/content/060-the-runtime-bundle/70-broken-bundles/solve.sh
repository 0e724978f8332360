cd ~/patient
jq '.process.cwd = "/pages"' config.json > new && mv new config.json
jq '(.linux.namespaces[] | select(.type == "net")).type = "network" | .linux.namespaces += [{type: "uts"}]' config.json > new && mv new config.json
jq '(.mounts[] | select(.destination == "/pages")).source = "/root/pages"' config.json > new && mv new config.json
jq '.linux.resources = {memory: {limit: 33554432}} | del(.linux.resourses)' config.json > new && mv new config.json
runc run -d --bundle ~/patient patient </dev/null >/dev/null 2>&1
