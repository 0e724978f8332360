tried=$(kubectl get events --field-selector involvedObject.name=later,reason=FailedCreatePodSandBox \
  -o jsonpath='{.items[*].message}' 2>/dev/null | grep -c 'runc: no such file\|"runc": executable file not found')
if ! command -v runc >/dev/null; then
  [ "$tried" -gt 0 ] && hint "The pod later could not be started without runc. Now put it back: mv /usr/sbin/runc.away /usr/sbin/runc"
  kubectl get pod later >/dev/null 2>&1 && hint "runc is away, and the pod later is asked for. Its sandbox will fail within some seconds; look: kubectl describe pod later"
  hint "runc is away. See what works without it, then ask for a pod: kubectl run later --image=busybox:1 --restart=Never -- sleep 100000"
fi
if [ "$tried" = 0 ]; then
  kubectl get pod later >/dev/null 2>&1 && hint "The pod later was started while runc was there. Remove it (kubectl delete pod later --now), move runc away, and ask for it again."
  hint "Everything is in its place. Take the lower floor away: mv /usr/sbin/runc /usr/sbin/runc.away"
fi
phase=$(kubectl get pod later -o jsonpath='{.status.phase}' 2>/dev/null) || hint "runc is back, but the pod later is gone. Ask for it: kubectl run later --image=busybox:1 --restart=Never -- sleep 100000"
[ "$phase" = Running ] || hint "runc is back. The kubelet tries again after some seconds; if the pod later still waits, look: kubectl describe pod later"
