deployment=$(kubectl get deployment twin -o json 2>/dev/null) || hint "The deployment twin is missing. Go back one step and apply it: kubectl apply -f ~/twin.yaml"
written=$(sed -n 's/^ *replicas: *\([0-9]*\).*/\1/p' ~/twin.yaml 2>/dev/null | head -n 1)
read -r wanted ready < <(jq -r '"\(.spec.replicas) \(.status.readyReplicas // 0)"' <<<"$deployment")
[ "${written:-0}" -ge 3 ] || {
  [ "$wanted" -ge 3 ] && hint "There are $wanted, but your file still says ${written:-nothing of it}: the next apply would take that back. Write it down: sed -i 's/replicas: 1/replicas: 3/' ~/twin.yaml"
  hint "Your file asks for ${written:-no} web server. Ask for three: sed -i 's/replicas: 1/replicas: 3/' ~/twin.yaml"
}
[ "$wanted" = "$written" ] || hint "The file says $written, and the cluster has heard of $wanted. Hand the file in: kubectl apply -f ~/twin.yaml"
[ "$ready" = "$wanted" ] || hint "$wanted should be, $ready are ready. It takes some seconds; if that stays so, look at: kubectl get pods -l app=twin"
