lab-ctl stop kube-apiserver
kill -9 $(pgrep -xf 'sleep 4000')
until pgrep -xf 'sleep 4000'; do sleep 1; done
lab-ctl start kube-apiserver
until api GET /readyz | grep -qx ok; do sleep 1; done
until kubectl get pod raw | grep -q ago; do sleep 1; done
