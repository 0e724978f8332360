kill -9 $(cat ~/web/conmon.pid)
sleep 1; crun kill web KILL
sleep 1; crun delete web
hold web 1 && crun start web
sleep 2; tail -n 1 /var/log/pods/hand/ask/1.log
