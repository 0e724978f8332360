lab-ctl start kube-scheduler
kubectl label node lab place=market
kubectl -n fair set image deployment stand web=nginx:1.26
kubectl -n fair patch deployment stand --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/readinessProbe/httpGet/port","value":80}]'
kubectl -n fair rollout status deployment stand --timeout=90s
