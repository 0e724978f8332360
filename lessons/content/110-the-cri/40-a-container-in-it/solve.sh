SB=$(cri RuntimeService/ListPodSandbox | jq -r '.items[] | select(.metadata.name == "hand") | .id')
jq -s --arg id $SB '{pod_sandbox_id: $id, config: .[0], sandbox_config: .[1].config}' ~/container.json ~/sandbox.json > ~/request.json
cri ImageService/PullImage '{"image": {"image": "busybox:1.37"}}'
C=$(cri RuntimeService/CreateContainer "$(cat ~/request.json)" | jq -r .containerId)
cri RuntimeService/StartContainer "{\"container_id\": \"$C\"}"
sleep 1
