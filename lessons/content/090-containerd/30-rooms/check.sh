pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
read -r status id < <(docker inspect -f '{{.State.Status}} {{.Id}}' shop 2>/dev/null)
[ -n "$id" ] || hint "There is no container called shop yet. Start it: docker run -d --name shop busybox:1 httpd -f -p 80 -h /etc"
case $status in
  paused) exit 0 ;;
  running) hint "shop runs. Pause its task, one layer below Docker: ctr -n moby tasks pause \$(docker inspect -f '{{.Id}}' shop)" ;;
  *) hint "shop is $status. Start it: docker start shop. Then pause its task with ctr -n moby" ;;
esac
