docker run -d --name beside busybox:1 sleep 100000
lab-ctl start kubelet
sleep 6
