ctr -n mine run -d --log-uri file:///root/clock.log docker.io/library/busybox:1 clock sh -c 'while date; do sleep 1; done'
sleep 2; cat ~/clock.log
