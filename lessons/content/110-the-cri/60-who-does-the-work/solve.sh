kubectl apply -f ~/classes.yaml
sleep 3
grep -q runtimes.fast /etc/containerd/config.toml || cat >> /etc/containerd/config.toml <<'TOML'

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.fast]
runtime_type = "io.containerd.runc.v2"
options = {SystemdCgroup = false, NoNewKeyring = true, BinaryName = "/usr/bin/crun"}
TOML
lab-ctl restart containerd
until kubectl get pod hurry | grep -q Running; do sleep 1; done
