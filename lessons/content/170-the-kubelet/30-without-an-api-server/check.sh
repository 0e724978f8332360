blind=$(pgrep -xf 'httpd -f -p 8082 -h /etc' | head -n 1)
if ! (: <>/dev/tcp/127.0.0.1/6443) 2>/dev/null; then
  [ -n "$blind" ] && hint "A pod was begun without an API server. Let that come back, and see what it hears: lab-ctl start kube-apiserver"
  [ -s ~/blind.yaml ] || hint "The API server is stopped. Now save the manifest: the file /root/blind.yaml."
  [ -n "$(pgrep -x kubelet)" ] || hint "The kubelet is stopped, too, and that one is needed. It starts only where there is an API server: lab-ctl start kube-apiserver, lab-ctl start kubelet"
  ls /etc/kubernetes/manifests/ | grep -q blind && hint "The manifest lies in the folder. It takes a second; if nothing comes, look at: lab-ctl logs kubelet | tail"
  hint "The API server is stopped. Put the manifest into the folder: cp ~/blind.yaml /etc/kubernetes/manifests/"
fi
server=$(pgrep -x kube-apiserver | head -n 1)
again="Once more: rm /etc/kubernetes/manifests/blind.yaml, lab-ctl stop kube-apiserver, cp ~/blind.yaml /etc/kubernetes/manifests/, lab-ctl start kube-apiserver"
[ -n "$blind" ] || hint "The API server runs. Stop it, and then put a new manifest into the folder: lab-ctl stop kube-apiserver"
since=$(($(date +%s) - $(ps -o etimes= -p "$server")))
[ "$(($(date +%s) - $(ps -o etimes= -p "$blind")))" -le "$since" ] || hint "blind was begun when the API server was there. $again"
read -r source made < <(kubectl get pod blind-lab -o json 2>/dev/null | jq -r '.metadata | "\(.annotations["kubernetes.io/config.source"]) \(.creationTimestamp | fromdate)"')
[ "$source" = file ] || hint "The API server is back and has not heard of blind yet. It takes some seconds; look at: kubectl get pods"
# An older mirror was hung up when the pod began: there was an API server at the time.
[ "$made" -ge $((since - 1)) ] || hint "blind was known to an API server from the beginning. $again"
