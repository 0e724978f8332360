listed=$(docker info --format '{{range $name, $_ := .Runtimes}}{{$name}} {{end}}' 2>/dev/null) || hint "Docker does not answer. Is the file right? jq . /etc/docker/daemon.json. Look at the end of /var/log/lab/dockerd.log"
for runtime in crun runsc; do
  case " $listed " in *" $runtime "*) continue ;; esac
  jq . /etc/docker/daemon.json >/dev/null 2>&1 || hint "/etc/docker/daemon.json is no JSON any more. Take the old one, ~/daemon.json.before, and run the block with jq again."
  [ "$(jq -r ".runtimes.$runtime.path // empty" /etc/docker/daemon.json)" ] || hint "There is no runtime $runtime in /etc/docker/daemon.json yet. Write it: the block with jq."
  hint "daemon.json names $runtime, but the engine has not read it again. Tell it: kill -HUP \$(pgrep -x dockerd)"
done
for pair in quick=crun strict=runsc; do
  name=${pair%=*} runtime=${pair#*=}
  state=$(docker inspect -f '{{.State.Status}} {{.HostConfig.Runtime}}' $name 2>/dev/null) || hint "The engine knows $runtime now. Start its container: docker run -d --name $name --runtime $runtime busybox:1 httpd -f -p 80 -h /etc"
  [ "${state#* }" = $runtime ] || hint "The container $name has the runtime ${state#* }. Remove it with: docker rm -f $name, and start it with --runtime $runtime before the image's name."
  [ "${state% *}" = running ] || hint "The container $name is ${state% *}. Look why: docker logs $name. Then: docker start $name"
done
