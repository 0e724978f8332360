kill -9 $(ps -o ppid= -p $(ctr -n mine tasks ls | awk '/^clock / { print $2 }'))
sleep 1
until ctr -n mine tasks start -d --log-uri file:///root/clock.log clock; do sleep 0.5; done
