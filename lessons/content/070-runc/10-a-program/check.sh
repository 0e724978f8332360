state=$(docker inspect -f '{{.State.Status}} {{.State.Pid}}' site 2>/dev/null) || hint "There is no container called site yet. Start it: docker run -d --name site busybox:1 httpd -f -p 80 -h /etc"
[ "${state% *}" = running ] || hint "The container site is ${state% *}. Start it again: docker start site"
[ -e "/proc/${state#* }/root/made-by-runc" ] && exit 0
[ -e /made-by-runc ] && hint "You made the file /made-by-runc on this machine, not in the container. Put runc --root … exec \$ID before the touch."
hint "site runs. Now let runc make a file in it: the block that sets ID, with: exec \$ID touch /made-by-runc"
