kill -9 $(pgrep -x containerd)
sleep 1; tail -n 1 ~/clock.log
setsid containerd >> /var/log/lab/containerd.log 2>&1 < /dev/null &
until ctr -n mine tasks ls; do sleep 0.5; done
