lab-ctl stop kube-scheduler
kill -9 $(pgrep -xf 'sleep 5000')
kubectl delete --wait=false $(kubectl get pods -l app=crowd -o name | head -n 1)
sleep 4; kubectl get pods -l app=crowd
lab-ctl start kube-scheduler
kubectl rollout status deployment crowd --timeout=60s
