for n in $(seq 20); do docker run -d --name guest$n busybox:1 sleep 10000; done
