runc=$(command -v runc)
state=$(docker inspect -f '{{.State.Status}} {{.Created}} {{.State.StartedAt}}' late 2>/dev/null)
if [ -z "$runc" ]; then
  [ -n "$state" ] || hint "runc is away. See what still works, then ask for a new container: docker run -d --name late busybox:1 sleep 1000"
  hint "Without runc, late was not started. Repair it: mv /root/runc.away /usr/sbin/runc, then: docker start late"
fi
[ -n "$state" ] || hint "runc is in its place, and there is no container late. Take runc away: mv /usr/sbin/runc /root/runc.away, and ask Docker for late then."
read -r status created started <<<"$state"
# Putting the file back changes its inode: late must have been created before that, and started after it.
back=$(stat -L -c %Z "$runc")
[ "$(date -d "$created" +%s)" -le "$back" ] || hint "late was made while runc was there. Remove it with: docker rm -f late. Take runc away, then ask for late again."
[ "$status" = running ] || hint "runc is back, and late is ${status}. Start it: docker start late"
[ "$(date -d "$started" +%s)" -ge "$back" ] || hint "late has been running all the time. Remove it with: docker rm -f late. Take runc away, then ask for late again."
