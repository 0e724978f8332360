start="runc run -d --bundle ~/guest guest </dev/null >/dev/null 2>&1"
running() { runc state "$1" 2>/dev/null | jq 'select(.status == "running").pid'; }
mine=$(running mine)
guest=$(running guest)
if [ -z "$mine" ]; then
  [ -n "$guest" ] && hint "guest runs, and mine has ended. Start both anew, mine first, as the last block shows."
  hint "The container mine does not run. Start it: runc delete -f mine; runc run -d --bundle ~/bundle mine </dev/null >/dev/null 2>&1"
fi
[ -e ~/guest/config.json ] || hint "There is no second bundle yet. Make it: mkdir -p ~/guest, and write its config.json with jq, as in the text."
if [ -z "$guest" ]; then
  jq -e '.linux.namespaces[] | select(.type == "network") | .path' ~/guest/config.json >/dev/null 2>&1 \
    || hint "The guest's configuration does not name a network yet. Add {type: \"network\", path: \"/proc/$mine/ns/net\"} to its namespaces, then: $start"
  hint "The container guest does not run. Start it: runc delete -f guest; $start"
fi
again="Replace it: runc delete -f guest, mend ~/guest/config.json, then: $start"
[ "$(ns "$mine" net)" != "$(ns self net)" ] || hint "mine itself is in the sandbox's network. Its config.json needs a namespace of type network. Mend it, and start both anew."
case $(ns "$guest" net) in
  "$(ns "$mine" net)") ;;
  "$(ns self net)") hint "guest is in the network of your sandbox, because its list has no network. Give it the path /proc/$mine/ns/net. $again" ;;
  *) hint "guest is in a network, but not in that of mine. Its path must be /proc/$mine/ns/net. $again" ;;
esac
[ "$(ns "$guest" pid)" != "$(ns "$mine" pid)" ] || hint "guest shares the processes of mine, too; only the network was to be shared. $again"
[ "$(ns "$guest" uts)" != "$(ns "$mine" uts)" ] || hint "guest shares the hostname of mine, too; only the network was to be shared. $again"
