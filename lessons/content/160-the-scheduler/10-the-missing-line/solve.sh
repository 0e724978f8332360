lab-ctl stop kube-scheduler
kubectl run lonely --image=busybox:1 -- sleep 5000
kubectl create --raw /api/v1/namespaces/default/pods/lonely/binding -f ~/binding.json
kubectl wait --for=condition=Ready pod/lonely --timeout=60s
