kill -9 $(docker inspect -f '{{.State.Pid}}' strict)
until docker inspect -f '{{.State.Status}}' strict | grep -q exited; do sleep 0.2; done
docker start strict
