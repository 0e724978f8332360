counts() { kubectl get pod "$1" -o json 2>/dev/null | jq -r '[.status.containerStatuses[] | "\(.name)=\(.restartCount)"] | join(" ")'; }
two=$(counts two)
[ -n "$two" ] || hint "The pod two is missing. Go back to step 2 and apply it: kubectl apply -f ~/two.yaml"
pod=$(kubectl get pod pair -o json 2>/dev/null) || hint "The pod pair is missing. Go back one step and apply it: kubectl apply -f ~/pair.yaml"
case $two in
  *web=0*) hint "web of the pod two has not ended yet. Kill it: kill -9 \$(pgrep -xf 'httpd -f -p 80 -h /site')" ;;
esac
[ "$(jq '.status.containerStatuses | map(.ready) | all' <<<"$pod")" = true ] || hint "pair is not up again yet. If that stays so, look why: kubectl describe pod pair"
# The sandbox was replaced when its pause began after what ran in it before had ended.
uid=$(jq -r .metadata.uid <<<"$pod")
for file in $(grep -lsE "pod$uid" /proc/[0-9]*/cgroup); do
  p=${file//[!0-9]/}
  [ "$(cat "/proc/$p/comm" 2>/dev/null)" = pause ] && pause=$p
done
[ -n "$pause" ] || hint "pair has no pause at the moment. Wait a little, then check again."
began=$(($(date +%s) - $(ps -o etimes= -p "$pause")))
ended=$(jq '[.status.containerStatuses[].lastState.terminated.finishedAt // empty | fromdate] | min // 0' <<<"$pod")
all=$(jq '.status.containerStatuses | map(.restartCount > 0) | all' <<<"$pod")
[ "$all" = true ] && [ "$began" -ge $((ended - 1)) ] && exit 0
[ "$(jq '.status.containerStatuses | map(.restartCount > 0) | any' <<<"$pod")" = true ] && hint "A container of pair was restarted, and its pause is still the first one. Kill that: the block that sets HTTPD."
hint "web has come back. Now break more: kill the pause of the pod pair, with the block that sets HTTPD."
