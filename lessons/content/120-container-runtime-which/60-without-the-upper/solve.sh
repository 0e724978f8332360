lab-ctl stop containerd
runc run -d --bundle ~/bundle alone </dev/null >/dev/null 2>&1
kubectl run more --image=busybox:1 --restart=Never -- sleep 100000
lab-ctl start containerd
kubectl wait --for=condition=Ready pod/more --timeout=120s
