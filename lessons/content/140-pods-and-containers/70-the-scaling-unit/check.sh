deployment=$(kubectl get deployment site -o json 2>/dev/null) || hint "There is no deployment called site yet. Begin with: kubectl create deployment site --image=nginx:1.26 --replicas=1"
read -r wanted ready image < <(jq -r '[.spec.replicas, (.status.readyReplicas // 0), .spec.template.spec.containers[0].image] | map(tostring) | join(" ")' <<<"$deployment")
[ "$(jq '.spec.template.spec.containers | length' <<<"$deployment")" = 1 ] || hint "The template of site has several containers. Scale pods instead: kubectl delete deployment site, and create it as the text shows."
[ "$wanted" -ge 3 ] || hint "The deployment site asks for $wanted. Ask for three: kubectl scale deployment site --replicas=3"
[ -n "$(pgrep -x kubelet)" ] || hint "Nothing is started here, because the kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$ready" -ge 3 ] || hint "Three are asked for, $ready are ready ($image). If that stays so, look why: kubectl describe pods -l app=site"
