[ -s ~/same/config.json ] || hint "The bundle ~/same is missing. Go back one step and make it."
[ -x ~/cost ] || hint "The script that measures is missing: save the file /root/cost."
[ -s ~/quick/config.json ] || hint "There is no second bundle yet. Write its config.json, in ~/quick: the block with jq."
program=$(jq -r '.process.args | join(" ")' ~/quick/config.json 2>/dev/null)
[ "$program" = true ] || [ "$program" = /bin/true ] || hint "The bundle ~/quick runs \"$program\", which does more than nothing. Write its config.json anew: the block with jq."
root=$(cd ~/quick && realpath -q "$(jq -r .root.path config.json)")
[ -x "$root/bin/sh" ] || hint "The bundle ~/quick has no root filesystem at $root. Set .root.path to /root/same/rootfs: the block with jq."
