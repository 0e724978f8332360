if ! job=$(kubectl get job report -o json 2>/dev/null); then
  [ -s ~/report.yaml ] || hint "The manifest is missing: save the file /root/report.yaml."
  hint "There is no job called report yet. Hand the manifest in: kubectl apply -f ~/report.yaml"
fi
again="Jobs are replaced, not changed: kubectl replace --force -f ~/report.yaml"
sidecars=$(jq '[.spec.template.spec.initContainers // [] | .[] | select(.restartPolicy == "Always")] | length' <<<"$job")
if [ "$sidecars" = 0 ]; then
  [ "$(jq '.spec.template.spec.containers | length' <<<"$job")" -gt 1 ] && hint "The helper is an ordinary second container, so the job never ends. Put it under initContainers with restartPolicy: Always. $again"
  hint "No init container of the job has restartPolicy: Always, so there is no sidecar. $again"
fi
[ "$(jq -r '[.status.conditions // [] | .[] | select(.status == "True") | .type] | index("Failed") != null' <<<"$job")" = false ] || hint "The job has failed. Look why: kubectl logs job/report -c writer, then mend the file. $again"
[ -n "$(pgrep -x kubelet)" ] || hint "Nothing is started here, because the kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$(jq -r '.status.succeeded // 0' <<<"$job")" -ge 1 ] || hint "The job has not ended yet. It takes some seconds; if that stays so, look at: kubectl describe pods -l job-name=report"
