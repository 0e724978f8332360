until kubectl get pod still-lab | grep Running; do sleep 1; done
sleep 2; kubectl delete pod still-lab
until kubectl get pod still-lab | grep Running; do sleep 1; done
