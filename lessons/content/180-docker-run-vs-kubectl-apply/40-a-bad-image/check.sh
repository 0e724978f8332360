deployment=$(kubectl get deployment twin -o json 2>/dev/null) || hint "The deployment twin is missing. Apply it: kubectl apply -f ~/twin.yaml"
read -r image wanted ready updated < <(jq -r '[.spec.template.spec.containers[0].image, .spec.replicas, .status.readyReplicas // 0, .status.updatedReplicas // 0] | map(tostring) | join(" ")' <<<"$deployment")
written=$(sed -n 's/^ *image: *//p' ~/twin.yaml 2>/dev/null | head -n 1)
# A set of pods for another image that was never ready: the accident.
accident=$(kubectl get replicasets -l app=twin -o json | jq -r '[.items[].spec.template.spec.containers[0].image | select(. != "busybox:1")] | first // ""')
if [ -z "$accident" ]; then
  [ "$written" = busybox:1 ] || hint "The file asks for $written, and the cluster does not know it yet. Hand it in: kubectl apply -f ~/twin.yaml"
  hint "All is well, and that is the matter. Let there be an accident: sed -i 's/busybox:1\$/busybox:99/' ~/twin.yaml, then apply it."
fi
[ "$image" = busybox:1 ] || hint "twin asks for $image, and $ready old ones serve meanwhile. Once you have seen it, mend the file and apply it: sed -i 's/busybox:99\$/busybox:1/' ~/twin.yaml"
[ "$written" = busybox:1 ] || hint "The cluster is repaired, but your file still asks for $written: the next apply would break it again. Mend the file, and apply it."
[ "$ready" -ge "$wanted" ] && [ "$updated" -ge "$wanted" ] || hint "twin is mended: $wanted should be ready, $ready are. It takes some seconds: kubectl get pods -l app=twin"
