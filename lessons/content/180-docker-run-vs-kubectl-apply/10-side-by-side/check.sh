state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}} {{.Path}} {{join .Args " "}}' web 2>/dev/null) || hint "Docker has no container called web yet. Start it: docker run -d --name web busybox:1 httpd -f -p 80 -h /var/www"
again="Remove it with: docker rm -f web, and start it again."
case $state in
  "running busybox:1 httpd -f -p 80 -h /var/www") ;;
  running*) hint "Docker's web runs ${state#running }, not the program of this step. $again" ;;
  *) hint "Docker's web is ${state%% *}. Start it again: docker start web" ;;
esac
if ! deployment=$(kubectl get deployment web -o json 2>/dev/null); then
  [ -s ~/web.yaml ] || hint "One half is there. For the other save the manifest: the file /root/web.yaml."
  hint "One half is there. Now the other: kubectl apply -f ~/web.yaml"
fi
read -r ready image command < <(jq -r '[.status.readyReplicas // 0, (.spec.template.spec.containers[0] | .image, (.command // [] | join(" ")))] | map(tostring) | join(" ")' <<<"$deployment")
again="Take the file's text as it stands, then: kubectl replace --force -f ~/web.yaml"
[ "$image" = busybox:1 ] && [ "$command" = "httpd -f -p 80 -h /var/www" ] || hint "Kubernetes' web runs $command from $image. It should be the same program on both sides. $again"
[ "$ready" -gt 0 ] || hint "Kubernetes has taken note, and nothing is ready yet. If that stays so, look why: kubectl describe pods -l app=web"
