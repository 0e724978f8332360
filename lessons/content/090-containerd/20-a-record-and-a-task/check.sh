pgrep -x containerd >/dev/null || hint "containerd does not run. Start it: setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &"
image=$(ctr -n mine containers info web 2>/dev/null | jq -r .Image)
if [ -z "$image" ]; then
  ctr -n mine images ls -q 2>/dev/null | grep -q '/busybox:1$' || hint "The image is missing. Go back one step and fetch it."
  ctr -n default containers info web >/dev/null 2>&1 && hint "There is a container web in the default room, not in mine. Write -n mine after ctr."
  hint "There is no container web in the room mine yet. Create it: ctr -n mine containers create docker.io/library/busybox:1 web httpd -f -p 80 -h /etc"
fi
read -r pid status < <(ctr -n mine tasks ls 2>/dev/null | awk '$1 == "web" { print $2, $3 }')
case $status in
  RUNNING) exit 0 ;;
  "") hint "web is a record, and nothing runs. Start its task: ctr -n mine tasks start -d web" ;;
  PAUSED) hint "The task of web is paused. Let it go on: ctr -n mine tasks resume web" ;;
  *) hint "The task of web is $status. Remove it with: ctr -n mine tasks rm web, and start it again: ctr -n mine tasks start -d web" ;;
esac
