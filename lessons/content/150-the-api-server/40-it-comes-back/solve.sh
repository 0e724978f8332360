kubectl delete --wait=false $(kubectl get pods -l app=web -o name | head -n 1)
sleep 3; POD=$(kubectl get pods -l app=web -o name --sort-by=.metadata.creationTimestamp | tail -n 1)
kubectl label $POD app=mine --overwrite
