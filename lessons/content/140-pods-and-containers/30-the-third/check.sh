pod=$(kubectl get pod two -o json 2>/dev/null) || hint "The pod two is missing. Go back one step and apply it."
uid=$(jq -r .metadata.uid <<<"$pod") address=$(jq -r '.status.podIP // empty' <<<"$pod")
inside=$(grep -lsE "pod$uid" /proc/[0-9]*/cgroup | head -n 1)
inside=${inside//[!0-9]/}
[ -n "$inside" ] && [ -n "$address" ] || hint "The pod two is there, but nothing of it runs. Look why: kubectl describe pod two"
net=$(ns "$inside" net) mnt=$(ns self mnt)
for p in /proc/[0-9]*; do
  p=${p#/proc/}
  [ "$(ns "$p" net)" = "$net" ] && [ "$(ns "$p" mnt)" = "$mnt" ] || continue
  [ -n "$(curl -s -m 2 "http://$address:8080/")" ] && exit 0
  hint "A process of this machine is in the pod's network, but nothing answers at $address:8080. Start the server with: -p 8080"
done
[ -n "$(ss -ltnH 'sport = :8080')" ] && hint "Your server listens on this machine, not in the pod. End it with: pkill -f 'httpd -p 8080', and start it through nsenter --target \$PAUSE --net"
[ -n "$(curl -s -m 2 "http://$address:8080/")" ] && hint "Something of the pod itself answers on port 8080. What is asked for is a process of this machine, through nsenter: the block that sets PAUSE."
hint "Nobody from outside is in the pod's network yet. Start the server there: the block that sets PAUSE."
