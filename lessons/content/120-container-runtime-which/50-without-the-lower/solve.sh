mv /usr/sbin/runc /usr/sbin/runc.away
kubectl run later --image=busybox:1 --restart=Never -- sleep 100000
until kubectl describe pod later | grep -q 'no such file'; do sleep 1; done
mv /usr/sbin/runc.away /usr/sbin/runc
kubectl wait --for=condition=Ready pod/later --timeout=120s
