kubectl create deployment site --image=nginx:1.26 --replicas=1
kubectl scale deployment site --replicas=3
kubectl rollout status deployment site --timeout=60s
