cp /etc/docker/daemon.json ~/daemon.json.before
jq '.runtimes = {"crun": {"path": "/usr/bin/crun"}, "runsc": {"path": "/usr/bin/runsc", "runtimeArgs": ["--ignore-cgroups", "--network=host"]}}' ~/daemon.json.before > /etc/docker/daemon.json
kill -HUP $(pgrep -x dockerd); sleep 1
docker run -d --name usual busybox:1 httpd -f -p 80 -h /etc
docker run -d --name quick --runtime crun busybox:1 httpd -f -p 80 -h /etc
docker run -d --name strict --runtime runsc busybox:1 httpd -f -p 80 -h /etc
