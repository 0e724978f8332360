state=$(runsc state by-runsc 2>/dev/null | jq -r '"\(.status) \(.bundle)"')
again="Remove it with: runsc delete -force by-runsc, and run it again."
case $state in
  "running /root/same") exit 0 ;;
  running*) hint "by-runsc runs the bundle ${state#* }, not /root/same. $again" ;;
  "") ;;
  *) hint "by-runsc is ${state%% *}. $again" ;;
esac
[ -s ~/same/config.json ] || hint "The bundle ~/same is missing. Go back to step 1 and make it."
grep -q 'unknown\|not defined' ~/by-runsc.log 2>/dev/null && hint "runsc says: $(grep -m 1 'unknown\|not defined' ~/by-runsc.log | cut -c 1-100). Its word is -detach; and options such as --network=none go before run."
grep -q network ~/by-runsc.log 2>/dev/null && hint "runsc could not make its network. Give it --network=none, before run."
hint "runsc knows no container called by-runsc. Run it: cd ~/same && runsc --ignore-cgroups --network=none run -detach by-runsc < /dev/null > ~/by-runsc.log 2>&1"
