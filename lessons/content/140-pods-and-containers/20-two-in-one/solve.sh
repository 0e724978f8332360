kubectl apply -f ~/two.yaml
kubectl wait --for=condition=Ready pod/two --timeout=60s
