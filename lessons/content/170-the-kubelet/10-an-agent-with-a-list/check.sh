tool=/usr/local/bin/agent
[ -e $tool ] || hint "Your tool is missing: save the file /usr/local/bin/agent."
[ -x $tool ] || hint "The file is there, but it is no program yet: chmod 755 /usr/local/bin/agent"
pod=$(kubectl get pod errand -o json 2>/dev/null) || hint "There is no pod called errand yet: the block with kubectl run."
[ -n "$(pgrep -x kubelet)" ] || hint "The kubelet is stopped. Start it: lab-ctl start kubelet"
uid=$(jq -r .metadata.uid <<<"$pod")
timeout 3 $tool GET /pods </dev/null 2>/dev/null | jq -e --arg uid "$uid" 'any(.items[]; .metadata.uid == $uid)' >/dev/null 2>&1 ||
  hint "Your tool does not bring the kubelet's list, or errand is not on it yet. Try by hand: agent GET /pods | jq -r '.items[].metadata.name'"
for file in $(grep -lsF "pod$uid" /proc/[0-9]*/cgroup); do
  [ -e "/proc/${file//[!0-9]/}/root/tmp/told" ] && exit 0
done
hint "The list is there. Now start a program in errand, through the kubelet's own door: agent POST '/run/default/errand/errand?cmd=touch%20/tmp/told'"
