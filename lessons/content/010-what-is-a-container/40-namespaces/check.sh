unnamed=
for p in $(contained); do
  rooted_in "$p" ~/box || continue
  if [ "$(ns "$p" uts)" = "$(ns self uts)" ]; then
    hint "Your container has its own processes but shares the hostname. Leave it with exit, and add --uts."
  fi
  if [ "$(ns "$p" net)" = "$(ns self net)" ]; then
    hint "Your container has its own processes but shares the network. Leave it with exit, and add --net."
  fi
  [ "$(hostname_of "$p")" = box ] && exit 0
  unnamed=$(hostname_of "$p")
done
[ -n "$unnamed" ] && hint "You are inside, and it is still called $unnamed. Type there: hostname box"
for p in /proc/[0-9]*; do
  p=${p#/proc/}
  if rooted_in "$p" ~/box && [ "$(ns "$p" uts)" != "$(ns self uts)" ]; then
    hint "That process has a hostname of its own but sees all processes. Leave it with exit, and add --pid --fork."
  fi
done
hint "No process runs in namespaces of its own with ~/box as its root. Click the unshare line, and stay inside."
