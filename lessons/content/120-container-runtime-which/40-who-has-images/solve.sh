printf 'FROM busybox:1\nCMD ["httpd", "-f", "-p", "80", "-h", "/etc"]\n' | docker build -q -t mine:1 -
kubectl run mine --image=mine:1 --image-pull-policy=Never
docker save mine:1 | ctr -n k8s.io images import -
kubectl wait --for=condition=Ready pod/mine --timeout=60s
