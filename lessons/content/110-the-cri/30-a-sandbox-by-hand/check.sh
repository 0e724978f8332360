cri() {
  timeout 5 grpcurl -plaintext -connect-timeout 2 -emit-defaults -import-path /usr/local/share/cri -proto api.proto \
    -d "$2" unix:///run/containerd/containerd.sock "runtime.v1.RuntimeService/$1" 2>/dev/null
}
list=$(cri ListPodSandbox '{}') || hint "containerd does not answer. Is it there? lab-ctl status containerd"
state=$(jq -r '[.items[] | select(.metadata.name == "hand") | .state] | sort | last // empty' <<<"$list")
ready=$(jq -r '[.items[] | select(.metadata.name == "hand" and .state == "SANDBOX_READY")] | length' <<<"$list")
kubelet=$(pgrep -x kubelet)
if [ "$ready" -gt 0 ]; then
  [ -z "$kubelet" ] || hint "The sandbox hand is there, but the kubelet runs and will take it away. Stop it: lab-ctl stop kubelet"
  exit 0
fi
[ -z "$kubelet" ] || hint "The kubelet still runs, and would take away what you build. Stop it: lab-ctl stop kubelet"
[ -z "$state" ] || hint "There is a dead sandbox called hand. Remove it: cri RuntimeService/RemovePodSandbox \"{\\\"pod_sandbox_id\\\": \\\"$(jq -r '[.items[] | select(.metadata.name == "hand")][0].id' <<<"$list")\\\"}\", and make another."
[ -s ~/sandbox.json ] || hint "You are alone with containerd now. Save the file /root/sandbox.json, and ask for the sandbox."
jq . ~/sandbox.json >/dev/null 2>&1 || hint "The file /root/sandbox.json is no JSON. Look where: jq . ~/sandbox.json"
[ "$(jq -r .config.metadata.name ~/sandbox.json)" = hand ] || hint "The sandbox should be called hand, in config.metadata.name of /root/sandbox.json. Mend that, and ask for it."
hint "There is no sandbox called hand yet. Ask for it: cri RuntimeService/RunPodSandbox \"\$(cat ~/sandbox.json)\""
