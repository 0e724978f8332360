mv /usr/sbin/runc /root/runc.away
docker run -d --name late busybox:1 sleep 1000
mv /root/runc.away /usr/sbin/runc
docker start late
