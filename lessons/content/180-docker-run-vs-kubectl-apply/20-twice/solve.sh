kubectl apply -f ~/twin.yaml
sed -i 's/replicas: 1/replicas: 3/' ~/twin.yaml
kubectl apply -f ~/twin.yaml
kubectl rollout status deployment twin --timeout=60s
