kubectl apply -f ~/pair.yaml
sed -i 's/"80"/"8080"/' ~/pair.yaml
kubectl replace --force -f ~/pair.yaml
kubectl wait --for=condition=Ready pod/pair --timeout=60s
