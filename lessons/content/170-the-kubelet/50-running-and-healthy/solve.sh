kubectl apply -f ~/patient.yaml
kubectl wait --for=condition=Ready pod/patient --timeout=60s
kubectl exec patient -- rm /site/open
until kubectl get pod patient | grep 0/1; do sleep 1; done
kubectl exec patient -- touch /site/open
kubectl exec patient -- rm /site/alive
until kubectl get pod patient | grep ago; do sleep 1; done
kubectl wait --for=condition=Ready pod/patient --timeout=60s
