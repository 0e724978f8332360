if ! pod=$(kubectl get pod nginx -o json 2>/dev/null); then
  grep -q '^spec:' ~/nginx.yaml 2>/dev/null || hint "There is no manifest that Kubernetes can read yet. Save the second file, /root/nginx.yaml."
  hint "There is no pod called nginx yet. Hand the manifest in: kubectl apply -f ~/nginx.yaml"
fi
read -r image port ready reason < <(jq -r '
  [.spec.containers[0].image, (.spec.containers[0].ports[0].containerPort // 0),
   (.status.containerStatuses[0].ready // false), (.status.containerStatuses[0].state.waiting.reason // .status.phase)]
  | map(tostring) | join(" ")' <<<"$pod")
case $image in
  nginx:1.26 | docker.io/library/nginx:1.26) ;;
  nginx:*) hint "The pod asks for $image ($reason). Give it the version that the lab has: kubectl set image pod/nginx nginx=nginx:1.26" ;;
  *) hint "The pod nginx runs $image, not nginx:1.26. Remove it with: kubectl delete pod nginx, and apply ~/nginx.yaml." ;;
esac
[ "$port" != 8 ] || hint "containerPort is 8: the slide's last digit is still missing. Ports of a pod that exists cannot be changed: kubectl replace --force -f ~/nginx.yaml, with 80 in the file."
[ "$port" = 80 ] || hint "The pod runs, but its manifest names no containerPort 80. Take the file's text as it stands, then: kubectl replace --force -f ~/nginx.yaml"
[ "$ready" = true ] || hint "The pod is there and not ready yet ($reason). If that stays so, look why: kubectl describe pod nginx"
