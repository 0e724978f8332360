pod=$(kubectl get pod heard -o json 2>/dev/null) || hint "There is no pod called heard yet. Ask for it: kubectl run heard --image=busybox:1 --restart=Never -- httpd -f -p 80 -h /etc"
again="Remove it with: kubectl delete pod heard --now, and ask for it again."
read -r phase ready < <(jq -r '[.status.phase, (.status.containerStatuses[0].ready // false)] | map(tostring) | join(" ")' <<<"$pod")
case $phase in
  Running) ;;
  Pending) hint "The pod heard is not running yet. If that stays so, look why: kubectl describe pod heard" ;;
  *) hint "The pod heard has ended ($phase), so its command was not the web server. $again" ;;
esac
[ "$ready" = true ] || hint "The pod heard runs and is not ready yet. If that stays so, look why: kubectl describe pod heard"
address=$(jq -r .status.podIP <<<"$pod")
[ -n "$(curl -s -m 2 "http://$address/hostname")" ] || hint "Nobody answers at $address, port 80. The command after -- should be: httpd -f -p 80 -h /etc. $again"
