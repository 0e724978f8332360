there="unix:///srv/desktop/docker.sock"
vm=$(pgrep -f "^dockerd .*/srv/desktop/docker.sock" | head -n 1)
if [ -z "$vm" ]; then
  [ -x ~/vm ] || hint "The VM is missing: save the file /root/vm."
  hint "The file is saved, and nothing runs in it yet. Start it: the block with setsid unshare. What it says is in /var/log/lab/vm.log"
fi
for kind in net mnt uts pid; do
  [ "$(ns "$vm" $kind)" != "$(ns self $kind)" ] || hint "The second engine is not in namespaces of its own ($kind is this machine's). End it: kill $vm, and start it with the whole unshare line."
done
docker context ls --format '{{.DockerEndpoint}}' | grep -qF "$there" || hint "The engine runs. Tell your client where it is: docker context create desktop --docker host=$there"
ask() { timeout 3 docker --host "$there" "$@" 2>/dev/null; }
[ -n "$(ask version -f '{{.Server.Version}}')" ] || hint "The second engine does not answer yet. It takes some seconds; what it says is in /var/log/lab/vm.log"
id=$(ask ps -q --filter publish=8080 | head -n 1)
if [ -z "$id" ]; then
  [ -n "$(docker ps -q --filter publish=8080)" ] && hint "A container publishes port 8080, but on this machine's engine. Remove it, and start it with: docker --context desktop run …"
  [ -n "$(ask images -q busybox:1)" ] || hint "The engine in the VM has no image yet: docker save busybox:1 | docker --context desktop load"
  hint "No container in the VM publishes port 8080: docker --context desktop run -d --name web -p 8080:80 busybox:1 httpd -f -p 80 -h /etc"
fi
case $(curl -s -m 2 http://127.0.0.1:8080/hostname) in
  "$id") exit 0 ;;
  "") hint "The port is open in the VM, and not out here. Carry it across: the block that sets VM" ;;
  *) hint "Somebody answers at port 8080, but it is not the container $id of the VM. See who listens: ss -ltnp 'sport = :8080'" ;;
esac
