state=$(crun state ask 2>/dev/null | jq -r '"\(.status) \(.pid)"')
code=$(cat /run/crio/exits/ask 2>/dev/null)
if [ -z "$state" ] && [ -z "$code" ]; then
  [ -x ~/ask/ask ] || [ -x ~/ask/rootfs/bin/ask ] || hint "The program is missing. Save the file /root/ask/ask."
  findmnt -n --mountpoint /root/ask/rootfs >/dev/null || hint "The second container needs a root filesystem: root-for ask docker.io/library/busybox:1"
  [ -x ~/ask/rootfs/bin/ask ] || hint "The program is not in the root filesystem yet: cp ~/ask/ask ~/ask/rootfs/bin/"
  [ -s ~/ask/config.json ] || hint "It has no contract yet: jq '.process.args = [\"ask\"]' ~/web/config.json > ~/ask/config.json"
  hint "There is no container ask yet. Create and start it: hold ask, then crun start ask"
fi
case $state in
  created*) hint "ask is created, and waits. Give it the word: crun start ask" ;;
  running*)
    for kind in net uts; do
      [ "$(ns "${state#* }" $kind)" = "$(nsenter "--$kind=/run/${kind}ns/hand" readlink /proc/self/ns/$kind 2>/dev/null)" ] || hint "ask runs, but its $kind namespace is not the pod's. Remove it: crun delete -f ask, copy the contract of web again, and begin anew."
    done
    [ "$code" = 7 ] || hint "ask runs in the pod. See what it says in /var/log/pods/hand/ask/0.log, then let it end: crun kill ask TERM" ;;
esac
grep -q ' stdout F root:' /var/log/pods/hand/ask/0.log 2>/dev/null || hint "ask has never got a page from web. Does web run? crun list shows it. Then: crun delete -f ask, hold ask, crun start ask, and wait some seconds."
case $code in
  7) exit 0 ;;
  "") hint "ask has ended, and nobody has written down how: there is no /run/crio/exits/ask. Once more: crun delete -f ask, hold ask, crun start ask, crun kill ask TERM" ;;
  137) hint "ask was ended by SIGKILL (137), so it could not say goodbye. Once more: crun delete -f ask, hold ask, crun start ask, then crun kill ask TERM" ;;
  *) hint "ask has ended with $code, not with 7. Look at its log, and once more: crun delete -f ask, hold ask, crun start ask, crun kill ask TERM" ;;
esac
