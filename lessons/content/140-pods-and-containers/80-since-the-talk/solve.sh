kubectl apply -f ~/report.yaml
kubectl wait --for=condition=Complete job/report --timeout=60s
