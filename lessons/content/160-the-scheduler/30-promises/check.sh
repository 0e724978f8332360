if ! deployment=$(kubectl get deployment nap -o json 2>/dev/null); then
  [ -s ~/nap.yaml ] || hint "The manifest is missing: save the file /root/nap.yaml."
  hint "There is no deployment called nap yet. Hand the manifest in: kubectl apply -f ~/nap.yaml"
fi
read -r wanted ready request host < <(jq -r '[.spec.replicas, .status.readyReplicas // 0, .spec.template.spec.containers[0].resources.requests.cpu // "-",
  .spec.template.spec.nodeSelector["kubernetes.io/hostname"] // "-"] | map(tostring) | join(" ")' <<<"$deployment")
again="Take the file's text as it stands, then: kubectl apply -f ~/nap.yaml"
[ "$wanted" -ge 3 ] || hint "nap should have three replicas; it asks for $wanted. $again"
[ "$host" = small ] || hint "The pods of nap may go anywhere, so there is always room. They should go to small. $again"
[ "$request" != - ] || hint "The pods of nap ask for nothing at all any more, so nobody counts them. Ask for a little: kubectl set resources deployment nap --requests=cpu=100m"
[ -n "$(pgrep -x kube-scheduler)" ] || hint "Nobody looks for places, because the scheduler is stopped. Start it: lab-ctl start kube-scheduler"
there=$(kubectl get pods -l app=nap -o json | jq '[.items[] | select(.metadata.deletionTimestamp == null and .spec.nodeName == "small" and .status.phase == "Running")] | length')
[ "$ready" -ge "$wanted" ] && [ "$there" -ge "$wanted" ] && exit 0
case $request in
  1500m) hint "$ready of $wanted have found room; small has 4 CPUs, and each asks for one and a half. Ask for less: kubectl set resources deployment nap --requests=cpu=100m" ;;
  *) hint "Each asks for $request now, and $ready of $wanted are ready. It takes some seconds; if that stays so, look at: kubectl describe node small" ;;
esac
