kubectl apply -f ~/web.yaml
sed -i 's/replicas: 1/replicas: 3/' ~/web.yaml
kubectl apply -f ~/web.yaml
kubectl rollout status deployment web --timeout=60s
