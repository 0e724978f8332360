api GET '/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=60' >~/told 2>/dev/null &
sleep 1; api POST /api/v1/namespaces/default/pods --json @/root/raw.json | jq .status.phase
kubectl wait --for=condition=Ready pod/raw --timeout=60s
