docker run -d --name web busybox:1 httpd -f -p 80 -h /var/www
kubectl apply -f ~/web.yaml
kubectl rollout status deployment web --timeout=60s
