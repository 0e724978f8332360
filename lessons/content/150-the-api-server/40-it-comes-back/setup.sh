# The step may be the first that somebody opens, or follow one that was left in the middle; and its check knows by these lists which pods there were in the beginning.
lab-ctl start kube-controller-manager >/dev/null || exit 1
kubectl get deployment web >/dev/null 2>&1 || kubectl create deployment web --image=nginx:1.26 --replicas=4 || exit 1
kubectl rollout status deployment web --timeout=50s >/dev/null || exit 1
mkdir -p /var/lib/lab-lesson
[ -s /var/lib/lab-lesson/web-before ] && exit 0
kubectl get pods -l app=web -o json | jq -r '.items[] | select(.metadata.deletionTimestamp == null) | .metadata.uid' >/var/lib/lab-lesson/web-before
