docker run -d --name new -p 8003:80 -m 64m hello:2
docker run --name greedy -m 64m busybox:1 dd if=/dev/zero of=/dev/null bs=512M count=1
docker inspect -f 'exit code {{.State.ExitCode}}, out of memory: {{.State.OOMKilled}}' greedy
