list=$(timeout 5 grpcurl -plaintext -connect-timeout 2 -emit-defaults -import-path /usr/local/share/cri -proto api.proto \
  -d '{}' unix:///run/containerd/containerd.sock runtime.v1.RuntimeService/ListPodSandbox 2>/dev/null) \
  || hint "containerd does not answer. Is it there? lab-ctl status containerd"
ready=$(jq -r '[.items[] | select(.metadata.name == "hand" and .state == "SANDBOX_READY")] | length' <<<"$list")
dead=$(jq -r '[.items[] | select(.metadata.name == "hand" and .state != "SANDBOX_READY")] | length' <<<"$list")
if [ -z "$(pgrep -x kubelet)" ]; then
  [ "$ready" -gt 0 ] && hint "hand runs, and the kubelet is away. Let it come back: lab-ctl start kubelet"
  hint "The kubelet is away, and there is no hand that it could find. Go back two steps and make it."
fi
[ "$ready" = 0 ] || hint "The kubelet is back, and has not found hand yet. That takes some seconds."
[ "$dead" -gt 0 ] || [ -d /var/log/hand ] || hint "There never was a sandbox hand that the kubelet could have found. Go back two steps: lab-ctl stop kubelet, and make it."
