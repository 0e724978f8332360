kill -9 $(pgrep -xf 'httpd -f -p 80 -h /var/www')
until [ "$(kubectl get pods -l app=twin | grep -c ago)" = 3 ]; do sleep 1; done
docker rm -f twin
kubectl delete $(kubectl get pods -l app=twin -o name | head -n 1)
kubectl rollout status deployment twin --timeout=60s
