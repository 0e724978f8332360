printf '%s\n' 'runc = low' 'crun = low' 'runsc = low' 'containerd = high' 'cri-o = high' 'dockerd = high' \
  'containerd-shim-runc-v2 = shim' 'kubelet = asks' 'docker = asks' 'cri = text' 'oci-runtime-spec = text' > ~/runtimes.txt
