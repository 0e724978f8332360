# Four things are wrong, one behind the other. What somebody has begun to mend stays as it is.
[ "$(kubectl get namespace fair -o jsonpath='{.metadata.labels.broken}' 2>/dev/null)" = yes ] && exit
# Nodes that only seem to be there would serve no page.
lab-ctl nodes remove --all >/dev/null 2>&1
kubectl create namespace fair --dry-run=client -o yaml | kubectl apply -f - >/dev/null || exit 1
lab-ctl stop kube-scheduler >/dev/null || exit 1
kubectl apply -f - >/dev/null <<'YAML' || exit 1
apiVersion: apps/v1
kind: Deployment
metadata:
  name: stand
  namespace: fair
spec:
  replicas: 2
  selector:
    matchLabels: {app: stand}
  template:
    metadata:
      labels: {app: stand}
    spec:
      terminationGracePeriodSeconds: 1
      nodeSelector: {place: market}
      containers:
        - name: web
          image: nginx:1.62
          readinessProbe:
            httpGet: {path: /, port: 8080}
            periodSeconds: 2
---
apiVersion: v1
kind: Service
metadata:
  name: stand
  namespace: fair
spec:
  selector: {app: stand}
  ports:
    - port: 80
YAML
kubectl label namespace fair broken=yes --overwrite >/dev/null
