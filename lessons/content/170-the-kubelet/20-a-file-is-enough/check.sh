if ! pod=$(kubectl get pod still-lab -o json 2>/dev/null); then
  [ -e /etc/kubernetes/manifests/still.yaml ] || hint "The folder holds no manifest still.yaml yet. Save the file, and wait a second."
  [ -n "$(pgrep -x kubelet)" ] || hint "The file is there, but the kubelet is stopped. Start it: lab-ctl start kubelet"
  kubectl get pod still >/dev/null 2>&1 && hint "You have applied the manifest as an ordinary pod. Remove that: kubectl delete pod still. The file alone is enough."
  hint "The file is there, and no mirror of it yet. It comes within seconds; if not, look at: lab-ctl logs kubelet | grep still"
fi
read -r source phase made < <(jq -r '[.metadata.annotations["kubernetes.io/config.source"] // "api", .status.phase, (.metadata.creationTimestamp | fromdate)] | map(tostring) | join(" ")' <<<"$pod")
[ "$source" = file ] || hint "still-lab was made through the API server. Remove it: kubectl delete pod still-lab, and save the file."
uid=$(jq -r '.metadata.annotations["kubernetes.io/config.hash"]' <<<"$pod")
for file in $(grep -lsF "pod$uid" /proc/[0-9]*/cgroup); do
  p=${file//[!0-9]/}
  [ "$(cat "/proc/$p/comm" 2>/dev/null)" = httpd ] && web=$p
done
[ -n "$web" ] || hint "The mirror is there, and no web server runs. Take the file's text as it stands; if it stays so: kubectl describe pod still-lab"
began=$(($(date +%s) - $(ps -o etimes= -p "$web")))
# The mirror is younger than what it mirrors when it was broken once.
[ "$made" -gt $((began + 1)) ] || hint "The static pod runs, and its mirror is still the first one. Break it: kubectl delete pod still-lab"
[ "$phase" = Running ] || hint "The new mirror is there, and is $phase. It takes some seconds until the kubelet has reported."
