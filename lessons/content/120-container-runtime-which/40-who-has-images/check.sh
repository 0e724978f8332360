docker image inspect mine:1 >/dev/null 2>&1 || hint "There is no image mine:1 in Docker's store yet. Build it: the block with docker build"
there=$(ctr -n k8s.io images ls -q 2>/dev/null | grep -c '/mine:1$')
pod=$(kubectl get pod mine -o json 2>/dev/null) || {
  [ "$there" = 0 ] || hint "The image is in both stores. Now the pod: kubectl run mine --image=mine:1 --image-pull-policy=Never"
  hint "The image is built. Ask for a pod of it: kubectl run mine --image=mine:1 --image-pull-policy=Never"
}
again="Remove it with: kubectl delete pod mine --now, and ask for it again."
case $(jq -r '.spec.containers[0].image' <<<"$pod") in
  mine:1 | docker.io/library/mine:1) ;;
  *) hint "The pod mine is of the image $(jq -r '.spec.containers[0].image' <<<"$pod"), not mine:1. $again" ;;
esac
if [ "$there" = 0 ]; then
  ctr images ls -q 2>/dev/null | grep -q '/mine:1$' && hint "The image went into containerd's default room. Kubernetes' is k8s.io: docker save mine:1 | ctr -n k8s.io images import -"
  hint "The pod waits for an image that only Docker has. Carry it across: docker save mine:1 | ctr -n k8s.io images import -"
fi
[ "$(jq -r .status.phase <<<"$pod")" = Running ] || hint "The image is in Kubernetes' store now. The kubelet tries again after some seconds; if the pod still waits, look: kubectl describe pod mine"
