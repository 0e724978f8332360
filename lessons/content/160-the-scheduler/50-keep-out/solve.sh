kubectl taint node fast only=guests:NoSchedule
kubectl apply -f ~/guests.yaml
until kubectl get pod guest | grep Running; do sleep 1; done
kubectl taint node small broken=yes:NoExecute
until kubectl get pods -l app=nap | grep Pending; do sleep 1; done
kubectl taint node small broken-
kubectl rollout status deployment nap --timeout=60s
