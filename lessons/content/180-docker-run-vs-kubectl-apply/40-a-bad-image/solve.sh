sed -i 's/busybox:1$/busybox:99/' ~/twin.yaml
kubectl apply -f ~/twin.yaml
until kubectl get pods -l app=twin | grep Image; do sleep 1; done
sed -i 's/busybox:99$/busybox:1/' ~/twin.yaml
kubectl apply -f ~/twin.yaml
kubectl rollout status deployment twin --timeout=60s
