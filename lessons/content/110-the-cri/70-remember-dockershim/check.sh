sent=$(grep -lsF 'API for endpoint \"unix:///run/docker.sock\"' /var/log/lab/kubelet/* 2>/dev/null | head -n 1)
now=$(grep -s 'docker.sock' /etc/default/kubelet)
if [ -z "$sent" ]; then
  [ -n "$now" ] && hint "The option is in its file, and the kubelet has not read it, or not yet failed. Restart it, and wait some seconds: lab-ctl restart kubelet"
  hint "The kubelet has never been sent to Docker. Do that: the block that writes /etc/default/kubelet, and restarts it."
fi
[ -z "$now" ] || hint "The kubelet asks Docker, and ends again and again. Take the option back: rm /etc/default/kubelet && lab-ctl restart kubelet"
[ "$(curl -s -m 1 http://127.0.0.1:10248/healthz)" = ok ] || hint "The option is gone, and the kubelet does not work yet. Restart it: lab-ctl restart kubelet. What it says: lab-ctl logs kubelet | tail"
