config=~/bundle/config.json
[ -e $config ] || hint "The bundle is missing. Go back one step and make it."
again="Then: runc delete -f mine, and start it again from ~/bundle: runc run -d mine </dev/null >/dev/null 2>&1"
if ! state=$(runc state mine 2>/dev/null); then
  jq -e . $config >/dev/null 2>&1 || hint "config.json is no JSON any more. Get a new draft: cd ~/bundle && rm config.json && runc spec"
  jq -e '.process.terminal' $config >/dev/null && hint "The configuration still wants a terminal. Change args, terminal, env and hostname first: the block with jq."
  hint "The configuration is changed. Start it: cd ~/bundle && runc run -d mine </dev/null >/dev/null 2>&1"
fi
read -r status pid bundle < <(jq -r '[.status, .pid, .bundle] | map(tostring) | join(" ")' <<<"$state")
[ "$status" = running ] || hint "The container mine is $status. Remove it, and start it again: runc delete -f mine, then: runc run -d mine </dev/null >/dev/null 2>&1"
[ "$bundle" = /root/bundle ] || hint "mine was started from $bundle, not from your bundle. $again"
name=$(hostname_of "$pid")
[ "$name" != runc ] || hint "mine runs, but it is still called runc. Write .hostname = \"mybox\" into config.json. $again"
[ "$name" != "$(hostname)" ] || hint "mine has your own hostname. Its config.json needs the namespace uts and a hostname. $again"
tr '\0' '\n' <"/proc/$pid/environ" | grep -q '^GREETING=.' || hint "mine runs, but there is no GREETING in its environment. Add it to .process.env in config.json. $again"
