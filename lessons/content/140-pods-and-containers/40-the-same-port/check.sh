if ! pod=$(kubectl get pod pair -o json 2>/dev/null); then
  [ -s ~/pair.yaml ] || hint "The manifest is missing: save the file /root/pair.yaml."
  hint "There is no pod called pair yet. Hand the manifest in, and look at what comes of it: kubectl apply -f ~/pair.yaml"
fi
again="Then: kubectl replace --force -f ~/pair.yaml"
[ "$(jq '.spec.containers | length' <<<"$pod")" -ge 2 ] || hint "The pod pair holds one container; it should hold two. Take the file's text as it stands. $again"
[ "$(jq -r .status.phase <<<"$pod")" != Pending ] || hint "The pod pair is not running yet. If that stays so, look why: kubectl describe pod pair"
uid=$(jq -r .metadata.uid <<<"$pod")
inside=$(grep -lsE "pod$uid" /proc/[0-9]*/cgroup | head -n 1)
[ -n "$inside" ] || hint "Nothing of the pod pair runs yet. If that stays so, look why: kubectl describe pod pair"
ports=$(nsenter --target "${inside//[!0-9]/}" --net ss -ltnH | awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u | wc -l)
late=$(jq -r '.status.containerStatuses | map(select(.ready | not)) | first // empty | .name' <<<"$pod")
if [ -n "$late" ] || [ "$ports" -lt 2 ]; then
  grep -q '"80"' ~/pair.yaml 2>/dev/null && hint "Both want port 80, so only one of them has it. Give httpd another port: sed -i 's/\"80\"/\"8080\"/' ~/pair.yaml. $again"
  [ "$(jq '[.spec.containers[].command // [] | index("80")] | any' <<<"$pod")" = true ] && hint "The file names another port, but the pod is the old one: it has to be replaced. $again"
  hint "${late:-One of the two} has not come up. Look into its log: kubectl logs pair -c ${late:-httpd}"
fi
