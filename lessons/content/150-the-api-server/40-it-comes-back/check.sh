deployment=$(kubectl get deployment web -o json 2>/dev/null) || hint "The deployment web is missing. Create it: kubectl create deployment web --image=nginx:1.26 --replicas=4"
pods=$(kubectl get pods -o json 2>/dev/null | jq '[.items[] | select(.metadata.deletionTimestamp == null)]')
mine=$(jq -c '[.[] | select(.metadata.labels["pod-template-hash"] and .metadata.labels.app != "web")]' <<<"$pods")
# A pod that the kubelet has ended, that is there no more, and that the ReplicaSet has not taken away itself.
gone=$(kubectl get events -o json 2>/dev/null | jq --argjson pods "$pods" '
  ([.items[] | select(.reason == "SuccessfulDelete") | .message | sub(".*: "; "")]) as $scaled
  | [.items[] | select(.reason == "Killing" and (.involvedObject.name | startswith("web-"))) | .involvedObject
     | select(.uid as $uid | $pods | map(.metadata.uid) | index($uid) | not) | select(.name as $name | $scaled | index($name) | not)] | length')
[ "${gone:-0}" -gt 0 ] || hint "All pods of web that there were are still there. Delete one: the first block."
wanted=$(jq .spec.replicas <<<"$deployment") ready=$(jq '.status.readyReplicas // 0' <<<"$deployment")
[ -n "$(pgrep -x kube-controller)" ] || hint "One is gone and nobody makes up for it, because the controllers are stopped. Start them: lab-ctl start kube-controller-manager"
[ "$wanted" = "$ready" ] || hint "$wanted pods should be ready, $ready are. It takes some seconds; if that stays so, look at: kubectl get pods -l app=web"
[ "$(jq length <<<"$mine")" -gt 0 ] || hint "A replica was deleted, and another has come. Now take the label off one: kubectl label \$POD app=mine --overwrite"
[ "$(jq '[.[] | select(.metadata.ownerReferences == null)] | length' <<<"$mine")" -gt 0 ] || hint "The label is off, but the pod still has its owner. It takes a second; check again."
[ "$(jq '[.[] | select(.metadata.labels.app == "web")] | length' <<<"$pods")" -ge "$wanted" ] || hint "One wears another label, and it has not been made up for yet. It takes a second; check again."
