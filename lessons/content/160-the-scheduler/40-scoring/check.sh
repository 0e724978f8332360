if ! pod=$(kubectl get pod scored -o json 2>/dev/null); then
  tr '\0' ' ' <"/proc/$(pgrep -x kube-scheduler | head -n 1)/cmdline" 2>/dev/null | grep -q -- '-v=10' || hint "The scheduler does not talk yet. Write OPTIONS=\"-v=10\" into /etc/default/kube-scheduler, then: lab-ctl restart kube-scheduler"
  [ -s ~/scored.yaml ] || hint "The scheduler talks. Now save the manifest: the file /root/scored.yaml."
  hint "There is no pod called scored yet. Hand the manifest in: kubectl apply -f ~/scored.yaml"
fi
again="Then: kubectl replace --force -f ~/scored.yaml"
[ -n "$(pgrep -x kube-scheduler)" ] || hint "The scheduler is stopped. Start it: lab-ctl start kube-scheduler"
[ "$(jq -r '.spec.nodeSelector["made-of"] // empty' <<<"$pod")" = paper ] || hint "scored may go to any node; it should ask for made-of: paper. Take the file's text as it stands. $again"
[ -n "$(jq -r '.spec.nodeName // empty' <<<"$pod")" ] || hint "scored is waiting. Are the nodes of paper still there? Look at: kubectl events --for pod/scored"
grep -qs 'final score.*pod="default/scored"' /var/log/lab/kube-scheduler/* ||
  hint "scored has its node, but nobody has heard why. Let the scheduler talk: OPTIONS=\"-v=10\" in /etc/default/kube-scheduler, lab-ctl restart kube-scheduler. $again"
crowd=$(kubectl get pods -l app=crowd -o json 2>/dev/null | jq '[.items[] | select(.metadata.deletionTimestamp == null and .spec.nodeName != null) | .spec.nodeName]')
[ "$(jq length <<<"$crowd")" -ge 10 ] || hint "You have read how scored was rated. Now the ten: the block with the deployment crowd. $(jq length <<<"$crowd") have a node."
[ "$(jq 'unique | length' <<<"$crowd")" -ge 2 ] || hint "All of crowd are on one node. They should be free to go to any that is made of paper. Create the deployment as the block does."
