found=$(docker inspect careful 2>/dev/null) ||
  hint "There is no container careful yet: docker run -d --name careful … as above."
again="Remove it and start it again: docker rm -f careful"
pid=$(jq '.[0].State.Pid' <<<"$found")
[ "$pid" -gt 0 ] || hint "The container careful has ended. See why: docker logs careful. $again"
status=$(cat "/proc/$pid/status")
case $(jq -r '.[0].Config.User' <<<"$found") in
  '' | root | root:* | 0 | 0:*) hint "careful runs as root. Give it another user: --user 1000:1000. $again" ;;
esac
grep -q '^CapBnd:[[:space:]]*0*$' <<<"$status" ||
  hint "careful could still have capabilities. Take them: --cap-drop ALL. $again"
grep -q '^NoNewPrivs:[[:space:]]*1$' <<<"$status" ||
  hint "careful may still gain privileges. Forbid it: --security-opt no-new-privileges. $again"
grep -qE '^[^ ]+ / [^ ]+ ro[, ]' "/proc/$pid/mounts" ||
  hint "careful can change its own files. Forbid it: --read-only. $again"
