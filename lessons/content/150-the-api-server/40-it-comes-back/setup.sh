# The step may be the first that somebody opens, or follow one that was left in the middle.
lab-ctl start kube-controller-manager >/dev/null || exit 1
kubectl get deployment web >/dev/null 2>&1 || kubectl create deployment web --image=nginx:1.26 --replicas=4 || exit 1
kubectl rollout status deployment web --timeout=50s >/dev/null
