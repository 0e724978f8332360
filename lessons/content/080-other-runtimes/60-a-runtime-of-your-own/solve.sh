jq '.runtimes.nosy = {"path": "/usr/local/bin/nosy"}' /etc/docker/daemon.json > ~/daemon.json.new
cp ~/daemon.json.new /etc/docker/daemon.json
kill -HUP $(pgrep -x dockerd); sleep 1
docker run -d --name spied --runtime nosy busybox:1 sleep 1000
cat ~/nosy.log
