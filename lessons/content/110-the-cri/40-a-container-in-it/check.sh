cri() {
  timeout 5 grpcurl -plaintext -connect-timeout 2 -emit-defaults -import-path /usr/local/share/cri -proto api.proto \
    -d "$2" unix:///run/containerd/containerd.sock "runtime.v1.$1" 2>/dev/null
}
sandbox=$(cri RuntimeService/ListPodSandbox '{"filter": {"state": {"state": "SANDBOX_READY"}}}' |
  jq -r '[.items[] | select(.metadata.name == "hand") | .id][0] // empty')
[ -n "$sandbox" ] || {
  [ -n "$(pgrep -x kubelet)" ] && hint "There is no sandbox hand (any more), and the kubelet runs. Stop it, and go back one step: lab-ctl stop kubelet"
  hint "There is no sandbox called hand. Go back one step and make it."
}
mine=$(cri RuntimeService/ListContainers "{\"filter\": {\"pod_sandbox_id\": \"$sandbox\"}}")
state=$(jq -r '[.containers[].state] | if index("CONTAINER_RUNNING") then "running" else (first // "") end' <<<"$mine")
case $state in
  running) ;;
  CONTAINER_CREATED) hint "The container is made, and not begun. Start it: cri RuntimeService/StartContainer \"{\\\"container_id\\\": \\\"\$C\\\"}\"" ;;
  CONTAINER_EXITED) hint "The container in the sandbox has ended. Compare the command in /root/container.json with the one here, give it another name than app, and create it once more." ;;
  *)
    [ -s ~/container.json ] || hint "The sandbox is empty. Save the file /root/container.json first."
    [ -n "$(cri ImageService/ImageStatus '{"image": {"image": "busybox:1.37"}}' | jq -r '.image.id // empty')" ] \
      || hint "The sandbox is empty, and the image is not there. Pull it: cri ImageService/PullImage '{\"image\": {\"image\": \"busybox:1.37\"}}'"
    hint "The image is there, and the sandbox is empty. Create the container: the block that begins with cri ImageService/PullImage"
    ;;
esac
address=$(cri RuntimeService/PodSandboxStatus "{\"pod_sandbox_id\": \"$sandbox\"}" | jq -r .status.network.ip)
[ "$(curl -s -m 2 "http://$address/hostname")" = hand ] && exit 0
hint "A container runs in the sandbox, but no web server answers at http://$address/hostname. Compare its command with the one here."
