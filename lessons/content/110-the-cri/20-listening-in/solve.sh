kubectl run heard --image=busybox:1 --restart=Never -- httpd -f -p 80 -h /etc
kubectl wait --for=condition=Ready pod/heard --timeout=60s
