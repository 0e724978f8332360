kubectl create configmap board --from-literal=monday=Ada
kubectl patch configmap board -p '{"data":{"tuesday":"Linus"}}'
api GET /api/v1/namespaces/default/configmaps/board | jq '.data.wednesday = "Grace"' > ~/mine.json
api PUT /api/v1/namespaces/default/configmaps/board --json @/root/mine.json | jq -c .data
