echo 'OPTIONS="-v=10"' > /etc/default/kube-scheduler
lab-ctl restart kube-scheduler
kubectl apply -f ~/scored.yaml
until kubectl get pod scored | grep Running; do sleep 1; done
kubectl create deployment crowd --image=busybox:1 --replicas=10 --dry-run=client -o json -- sleep 6000 | jq '.spec.template.spec |= (.nodeSelector["made-of"] = "paper" | .containers[0].resources.requests.cpu = "100m")' | kubectl apply -f -
kubectl rollout status deployment crowd --timeout=60s
rm /etc/default/kube-scheduler
lab-ctl restart kube-scheduler
