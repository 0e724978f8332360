docker run -d --name twin busybox:1 httpd -f -p 80 -h /var/www
kubectl apply -f ~/twin.yaml
kubectl rollout status deployment twin --timeout=60s
