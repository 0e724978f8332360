[ -n "$(pgrep -x kubelet)" ] || hint "The kubelet is away, so nothing is started. Start it: lab-ctl start kubelet"
list=$(timeout 5 grpcurl -plaintext -connect-timeout 2 -emit-defaults -import-path /usr/local/share/cri -proto api.proto \
  -d '{"filter": {"state": {"state": "SANDBOX_READY"}}}' unix:///run/containerd/containerd.sock \
  runtime.v1.RuntimeService/ListPodSandbox 2>/dev/null) || {
  grep -c 'runtimes.fast\]' /etc/containerd/config.toml | grep -qx '[01]' || hint "containerd does not start: the section for fast is twice in /etc/containerd/config.toml. Remove one, then: lab-ctl restart containerd"
  hint "containerd does not answer. What does it say? lab-ctl logs containerd | tail"
}
kubectl get pods other hurry >/dev/null 2>&1 || {
  [ -s ~/classes.yaml ] || hint "The two pods are not there yet. Save the file /root/classes.yaml first."
  hint "The two pods are not there yet. Hand them in: kubectl apply -f ~/classes.yaml"
}
handler() { jq -r --arg pod "$1" '[.items[] | select(.metadata.name == $pod) | .runtimeHandler] | last // "none"' <<<"$list"; }
case $(handler other) in
  crun) ;;
  none) hint "The pod other has no sandbox yet. If that stays so, look why: kubectl describe pod other" ;;
  *) hint "The pod other did not ask for the class crun. Compare the file, then: kubectl replace --force -f ~/classes.yaml" ;;
esac
case $(handler hurry) in
  fast) ;;
  none)
    grep -q 'runtimes.fast\]' /etc/containerd/config.toml || hint "hurry waits for a handler called fast. Give containerd one, in /etc/containerd/config.toml: the block with TOML"
    hint "containerd's configuration has a section for fast. Does containerd know? lab-ctl restart containerd, then wait: the kubelet asks again after some seconds."
    ;;
  *) hint "The pod hurry did not ask for the class fast. Compare the file, then: kubectl replace --force -f ~/classes.yaml" ;;
esac
[ "$(kubectl get pod hurry -o jsonpath='{.status.phase}')" = Running ] || hint "hurry has its sandbox, and its container is not running yet. Look: kubectl describe pod hurry"
