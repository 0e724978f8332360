kill -9 $(pgrep -xf 'httpd -f -p 80 -h /var/www')
until [ "$(kubectl get pods -l app=web | grep -c ago)" = 3 ]; do sleep 1; done
docker rm -f web
kubectl delete $(kubectl get pods -l app=web -o name | head -n 1)
kubectl rollout status deployment web --timeout=60s
