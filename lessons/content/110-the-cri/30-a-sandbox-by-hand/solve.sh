lab-ctl stop kubelet
cri RuntimeService/RunPodSandbox "$(cat ~/sandbox.json)"
