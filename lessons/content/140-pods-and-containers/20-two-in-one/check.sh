if ! pod=$(kubectl get pod two -o json 2>/dev/null); then
  [ -s ~/two.yaml ] || hint "The manifest is missing: save the file /root/two.yaml."
  hint "There is no pod called two yet. Hand the manifest in: kubectl apply -f ~/two.yaml"
fi
again="Mend ~/two.yaml, then: kubectl replace --force -f ~/two.yaml"
names=$(jq -r '[.spec.containers[].name] | sort | join(" ")' <<<"$pod")
[ "$names" = "clock web" ] || hint "The pod two should hold the containers web and clock; it holds: $names. $again"
late=$(jq -r '.status.containerStatuses // [] | map(select(.ready | not)) | first // empty
  | "\(.name) is not ready (\(.state.waiting.reason // .state.terminated.reason // "not yet"))"' <<<"$pod")
[ -z "$late" ] || hint "$late. If that stays so, look why: kubectl describe pod two"
address=$(jq -r '.status.podIP // empty' <<<"$pod")
[ -n "$address" ] || hint "The pod has no address yet. If that stays so, look why: kubectl describe pod two"
case $(curl -s -m 2 "http://$address/") in
  *:*:*) exit 0 ;;
  *"404 Not Found"*) hint "web answers and finds no page. Both must mount the same volume, and clock write into it. $again" ;;
  *) hint "Nobody answers at $address, port 80. Compare the command of web with the one here. $again" ;;
esac
