cd ~/bundle
jq '.process.args = ["sleep", "1000"] | .process.terminal = false | .process.env += ["GREETING=Servus"] | .hostname = "mybox"' config.json > new && mv new config.json
runc run -d mine </dev/null >/dev/null 2>&1
