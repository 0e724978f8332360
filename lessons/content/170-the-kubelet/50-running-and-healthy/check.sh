if ! pod=$(kubectl get pod patient -o json 2>/dev/null); then
  [ -s ~/patient.yaml ] || hint "The manifest is missing: save the file /root/patient.yaml."
  hint "There is no pod called patient yet. Hand the manifest in: kubectl apply -f ~/patient.yaml"
fi
again="Take the file's text as it stands, then: kubectl replace --force -f ~/patient.yaml"
[ "$(jq '.spec.containers[0] | has("livenessProbe") and has("readinessProbe")' <<<"$pod")" = true ] || hint "patient is asked only one question, or none. $again"
[ -n "$(pgrep -x kubelet)" ] || hint "Nobody asks, because the kubelet is stopped. Start it: lab-ctl start kubelet"
read -r uid ready < <(jq -r '"\(.metadata.uid) \(.status.containerStatuses[0].ready // false)"' <<<"$pod")
told=$(kubectl get events --field-selector "involvedObject.uid=$uid" -o json 2>/dev/null | jq -r '.items[].message')
grep -q '^Readiness probe failed: HTTP.* 404' <<<"$told" || hint "patient has always been ready. Let it close its door to visitors: kubectl exec patient -- rm /site/open"
grep -q 'failed liveness probe' <<<"$told" || {
  [ "$ready" = true ] || hint "patient is not ready, and visitors are kept away. Open again: kubectl exec patient -- touch /site/open"
  hint "patient has been not ready, and is again. Now the other question: kubectl exec patient -- rm /site/alive"
}
[ "$ready" = true ] || hint "patient was restarted, and is not ready yet. It takes some seconds: kubectl get pod patient"
