runc resume count
sleep 1; tail -n 2 ~/count.log
runc delete count
