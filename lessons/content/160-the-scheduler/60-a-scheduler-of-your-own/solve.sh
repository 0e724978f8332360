timeout 100 bash ~/mine >/dev/null 2>&1 &
kubectl apply -f ~/waiting.yaml
kubectl wait --for=condition=Ready pod/modest --timeout=60s
until kubectl get pod trusting | grep OutOf; do sleep 1; done
