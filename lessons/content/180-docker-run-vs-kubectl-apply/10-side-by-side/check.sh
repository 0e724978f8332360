state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}} {{.Path}} {{join .Args " "}}' twin 2>/dev/null) || hint "Docker has no container called twin yet. Start it: docker run -d --name twin busybox:1 httpd -f -p 80 -h /var/www"
again="Remove it with: docker rm -f twin, and start it again."
case $state in
  "running busybox:1 httpd -f -p 80 -h /var/www") ;;
  running*) hint "Docker's twin runs ${state#running }, not the program of this step. $again" ;;
  *) hint "Docker's twin is ${state%% *}. Start it again: docker start twin" ;;
esac
if ! deployment=$(kubectl get deployment twin -o json 2>/dev/null); then
  [ -s ~/twin.yaml ] || hint "One half is there. For the other save the manifest: the file /root/twin.yaml."
  hint "One half is there. Now the other: kubectl apply -f ~/twin.yaml"
fi
read -r ready image command < <(jq -r '[.status.readyReplicas // 0, (.spec.template.spec.containers[0] | .image, (.command // [] | join(" ")))] | map(tostring) | join(" ")' <<<"$deployment")
again="Take the file's text as it stands, then: kubectl replace --force -f ~/twin.yaml"
[ "$image" = busybox:1 ] && [ "$command" = "httpd -f -p 80 -h /var/www" ] || hint "Kubernetes' twin runs $command from $image. It should be the same program on both sides. $again"
[ "$ready" -gt 0 ] || hint "Kubernetes has taken note, and nothing is ready yet. If that stays so, look why: kubectl describe pods -l app=twin"
