runc start count
sleep 2; cat ~/count.log
