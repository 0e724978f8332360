docker run -d --name web busybox:1 sleep 100000
kubectl run web --image=busybox:1 --restart=Never -- sleep 100000
kubectl wait --for=condition=Ready pod/web --timeout=60s
