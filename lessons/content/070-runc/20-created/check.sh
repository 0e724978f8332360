state=$(runc state count 2>/dev/null | jq -r '"\(.status) \(.bundle)"')
again="Remove it with: runc delete -f count, and create it again."
case $state in
  "created "*) exit 0 ;;
  "running "* | "paused "*) hint "count is ${state%% *} already; this step is about the moment before. $again" ;;
  stopped*) hint "count has ended. $again" ;;
esac
[ -x ~/counter/rootfs/bin/sh ] || hint "There is no root filesystem in ~/counter/rootfs yet. Make it: docker export site | tar -x -C ~/counter/rootfs (is site gone? docker run -d --name site busybox:1 sleep 1000)"
[ -s ~/counter/config.json ] || hint "The bundle has no config.json yet. Make one: cd ~/counter && runc spec"
[ "$(jq -r '.process.args[0]' ~/counter/config.json 2>/dev/null)" != sh ] || hint "config.json still says sh, in a terminal. Change it: the block with jq, which names count."
[ "$(jq -r .process.terminal ~/counter/config.json 2>/dev/null)" != true ] || hint "config.json still asks for a terminal, and nobody holds one. Set it: .process.terminal = false"
[ -x ~/counter/rootfs/bin/count ] || hint "The program is missing: save the file /root/counter/rootfs/bin/count."
hint "The bundle is ready. Create the container in its folder: cd ~/counter && runc create count < /dev/null > ~/count.log 2>&1"
