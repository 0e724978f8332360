echo 'OPTIONS="--container-runtime-endpoint=unix:///run/docker.sock"' > /etc/default/kubelet
lab-ctl restart kubelet
until grep -q 'API for endpoint .*docker.sock' /var/log/lab/kubelet/current; do sleep 1; done
rm /etc/default/kubelet
lab-ctl restart kubelet
until curl -sf http://127.0.0.1:10248/healthz; do sleep 0.5; done
