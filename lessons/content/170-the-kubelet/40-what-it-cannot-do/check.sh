if ! pod=$(kubectl get pod other -o json 2>/dev/null); then
  [ -x /usr/local/bin/cri ] || hint "Your tool is missing: save the file /usr/local/bin/cri."
  [ -s ~/other.yaml ] || hint "You can speak CRI. Now save the pod: the file /root/other.yaml."
  hint "There is no pod called other yet. Hand the manifest in: kubectl apply -f ~/other.yaml"
fi
read -r class phase count id < <(jq -r '[.spec.runtimeClassName // "-", .status.phase, (.status.containerStatuses // [] | first | .restartCount // 0, (.containerID // "" | sub(".*//"; "")))] | map(tostring) | join(" ")' <<<"$pod")
again="Take the file's text as it stands, then: kubectl replace --force -f ~/other.yaml"
[ "$class" = crun ] || hint "other does not ask for crun (runtimeClassName: $class). $again"
[ -n "$(pgrep -x kubelet)" ] || hint "The kubelet is stopped. Start it: lab-ctl start kubelet"
[ "$phase" = Running ] && [ -n "$id" ] || hint "other is $phase. If that stays so, look why: kubectl describe pod other"
[ "$count" -gt 0 ] || hint "other runs, by crun. Now stop its container behind the kubelet's back: the block with StopContainer."
# What crun has made has crun's file of state, not runc's.
[ -e "/run/containerd/runc/k8s.io/$id/status" ] || hint "other was stopped, and its next container is not there yet. It takes some seconds: kubectl get pod other"
