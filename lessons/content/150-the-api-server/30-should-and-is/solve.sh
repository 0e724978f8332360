kubectl create deployment web --image=nginx:1.26 --replicas=2
kubectl rollout status deployment web --timeout=60s
lab-ctl stop kube-controller-manager
api PATCH /apis/apps/v1/namespaces/default/deployments/web -H 'Content-Type: application/merge-patch+json' --data '{"spec":{"replicas":4}}' | jq .spec.replicas
sleep 2; lab-ctl start kube-controller-manager
kubectl rollout status deployment web --timeout=60s
