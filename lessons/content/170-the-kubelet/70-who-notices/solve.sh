echo 'OPTIONS="--node-monitor-grace-period=30s"' > /etc/default/kube-controller-manager
lab-ctl restart kube-controller-manager
lab-ctl nodes add spare --cpu 8
timeout 115 bash ~/heart >/dev/null 2>&1 &
kubectl apply -f ~/shop.yaml
kubectl rollout status deployment shop --timeout=60s
lab-ctl stop kubelet
until kubectl get pods -l app=shop -o wide | grep spare; do sleep 1; done
lab-ctl start kubelet
until ! pgrep -xf 'httpd -f -p 80 -h /home'; do sleep 1; done
rm /etc/default/kube-controller-manager
lab-ctl restart kube-controller-manager
