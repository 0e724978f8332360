sed -i 's/busybox:1$/busybox:99/' ~/web.yaml
kubectl apply -f ~/web.yaml
until kubectl get pods -l app=web | grep Image; do sleep 1; done
sed -i 's/busybox:99$/busybox:1/' ~/web.yaml
kubectl apply -f ~/web.yaml
kubectl rollout status deployment web --timeout=60s
