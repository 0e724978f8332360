lab-ctl stop kube-apiserver
cp ~/blind.yaml /etc/kubernetes/manifests/
until curl -s localhost:8082/hostname; do sleep 1; done
sleep 1; lab-ctl start kube-apiserver
until kubectl get pod blind-lab 2>/dev/null; do sleep 1; done
