kubectl apply -f ~/nap.yaml
sleep 2; kubectl get pods -l app=nap -o wide
kubectl set resources deployment nap --requests=cpu=100m
kubectl rollout status deployment nap --timeout=60s
