pid=$(docker inspect -f '{{.State.Pid}}' web 2>/dev/null) || hint "The container web is missing. Start it: docker run -d --name web nginx:1.26"
[ "$pid" != 0 ] || hint "The container web has stopped. Start it again: docker start web"
page=/proc/$pid/root/usr/share/nginx/html/index.html
grep -qx 'made by hand' "$page" 2>/dev/null && exit 0
grep -qi 'made by hand' /usr/share/nginx/html/index.html 2>/dev/null && hint "You wrote the file out here. Join the container's mounts first: nsenter --target \$P --mount …"
hint "The page in the container does not say \"made by hand\" yet. Write it there through nsenter: the first block."
