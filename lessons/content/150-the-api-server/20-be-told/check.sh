if ! pod=$(kubectl get pod raw -o json --show-managed-fields 2>/dev/null); then
  [ -e ~/told ] || hint "Nobody is watching yet. Begin with the first block, which opens a second terminal."
  [ -s ~/raw.json ] || hint "You are watching. Now save the pod: the file /root/raw.json."
  hint "There is no pod called raw yet. POST it: api POST /api/v1/namespaces/default/pods --json @/root/raw.json"
fi
again="Remove it with: kubectl delete pod raw, and POST it again while the watch runs."
manager=$(jq -r '[.metadata.managedFields[] | select(.subresource == null) | .manager] | first // ""' <<<"$pod")
case $manager in
  kubectl-*) hint "The pod raw is there, but kubectl has made it. The point is to do without. $again" ;;
esac
# What the watch was told of this very pod: that it was added without a node, and later that it has one.
told=$(jq -Rr --arg uid "$(jq -r .metadata.uid <<<"$pod")" 'fromjson? | select(.object.metadata.uid? == $uid) | "\(.type) \(.object.spec.nodeName // "-")"' ~/told 2>/dev/null)
[ -n "$told" ] || hint "The pod is there, and your watch has heard nothing of it: ~/told does not tell of it. Start the watch, first block. $again"
grep -qx 'ADDED -' <<<"$told" || hint "Your watch began when the pod was there already, so it missed how it came. $again"
grep -q '^MODIFIED [^-]' <<<"$told" || hint "Your watch has seen the pod come, and then it ended. Start it again, first block. $again"
[ -n "$(pgrep -x kubelet)" ] || hint "Nothing is started here, because the kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$(jq -r .status.phase <<<"$pod")" = Running ] || hint "The pod raw is $(jq -r .status.phase <<<"$pod"). If that stays so, look why: kubectl describe pod raw"
