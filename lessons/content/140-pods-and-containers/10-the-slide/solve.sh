kubectl apply -f ~/nginx.yaml
kubectl wait --for=condition=Ready pod/nginx --timeout=60s
