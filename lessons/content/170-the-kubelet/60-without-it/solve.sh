lab-ctl stop kubelet
kubectl run late --image=busybox:1 --overrides='{"spec":{"terminationGracePeriodSeconds":1}}' -- sleep 5005
kubectl delete pod errand --wait=false
rm -f /proc/$(pgrep -xf 'httpd -f -p 80 -h /site')/root/site/alive
sleep 4; kubectl get pods late errand patient
lab-ctl start kubelet
until kubectl get pod late | grep Running; do sleep 1; done
until ! kubectl get pod errand 2>/dev/null; do sleep 1; done
