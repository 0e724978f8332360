[ -x ~/same/rootfs/bin/sh ] || hint "There is no root filesystem in ~/same/rootfs yet. Make it with the first block."
[ -x ~/same/rootfs/bin/report ] || hint "The program is missing: save the file /root/same/rootfs/bin/report."
[ -s ~/same/config.json ] || hint "The bundle has no config.json yet. Make one: cd ~/same && runc spec"
[ "$(jq -r '.process.args[0]' ~/same/config.json 2>/dev/null)" != sh ] || hint "config.json still says sh. Change it: the block with jq."
for runtime in runc crun; do
  state=$($runtime state by-$runtime 2>/dev/null | jq -r '"\(.status) \(.bundle)"')
  case $state in
    "running /root/same") ;;
    running*) hint "by-$runtime runs the bundle ${state#* }, not /root/same. Remove it with: $runtime delete -f by-$runtime, and run it in ~/same." ;;
    "") hint "There is no container by-$runtime that $runtime knows of. Run it: cd ~/same && $runtime run -d by-$runtime < /dev/null > ~/by-$runtime.log 2>&1" ;;
    *) hint "by-$runtime is ${state%% *}. Remove it with: $runtime delete -f by-$runtime, and run it again." ;;
  esac
done
