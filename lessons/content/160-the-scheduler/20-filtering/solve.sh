lab-ctl start kube-scheduler
lab-ctl nodes add small --cpu 4 --memory 8Gi --label made-of=paper
lab-ctl nodes add fast --cpu 8 --memory 16Gi --label made-of=paper --label disk=ssd
lab-ctl nodes add big --cpu 16 --memory 32Gi --label made-of=paper
kubectl apply -f ~/demanding.yaml
until kubectl get events | grep FailedScheduling; do sleep 1; done
kubectl label node big disk=ssd
