# What other lessons have left behind would take pods to where nothing runs.
lab-ctl nodes remove --all >/dev/null 2>&1
for one in kube-scheduler kube-controller-manager kubelet dockerd; do lab-ctl start $one >/dev/null; done
kubectl wait --for=condition=Ready node/lab --timeout=40s >/dev/null
