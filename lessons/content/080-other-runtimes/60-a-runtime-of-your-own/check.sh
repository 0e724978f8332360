state=$(docker inspect -f '{{.State.Status}} {{.HostConfig.Runtime}} {{.Id}}' spied 2>/dev/null) || {
  [ -e /usr/local/bin/nosy ] || hint "There is no runtime yet: save the file /usr/local/bin/nosy."
  [ -x /usr/local/bin/nosy ] || hint "The runtime cannot be executed: chmod 755 /usr/local/bin/nosy"
  docker info --format '{{range $name, $_ := .Runtimes}}{{println $name}}{{end}}' 2>/dev/null | grep -qx nosy || {
    jq -e .runtimes.nosy /etc/docker/daemon.json >/dev/null 2>&1 && hint "daemon.json names nosy, but the engine has not read it again. Tell it: kill -HUP \$(pgrep -x dockerd)"
    hint "The engine's list does not name nosy yet. Write it into /etc/docker/daemon.json: the block with jq."
  }
  hint "The engine knows nosy. Start a container with it: docker run -d --name spied --runtime nosy busybox:1 sleep 1000"
}
read -r status runtime _ <<<"$state"
[ "$runtime" = nosy ] || hint "The container spied has the runtime $runtime. Remove it with: docker rm -f spied, and start it with --runtime nosy before the image's name."
[ "$status" = running ] || hint "The container spied is $status. Start it again: docker start spied"
grep -q ' create ' ~/nosy.log 2>/dev/null && grep -q ' start ' ~/nosy.log && exit 0
hint "spied runs, but nothing is written in ~/nosy.log. Compare /usr/local/bin/nosy with the file here, save it, then: docker rm -f spied, and start it again."
