kubectl run errand --image=busybox:1 --overrides='{"spec":{"terminationGracePeriodSeconds":1}}' -- \
  sh -c 'while echo "at work, $(date)"; do sleep 5; done'
kubectl wait --for=condition=Ready pod/errand --timeout=60s
agent GET /pods | jq -r '.items[].metadata.name'
agent POST '/run/default/errand/errand?cmd=touch%20/tmp/told'
