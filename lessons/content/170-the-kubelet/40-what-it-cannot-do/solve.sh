kubectl apply -f ~/other.yaml
kubectl wait --for=condition=Ready pod/other --timeout=60s
FILTER='{"filter":{"labelSelector":{"io.kubernetes.pod.name":"other"}}}'
ID=$(cri ListContainers "$FILTER" | jq -r '.containers[0].id')
cri StopContainer "{\"container_id\":\"$ID\",\"timeout\":0}"
until kubectl get pod other | grep ago; do sleep 1; done
