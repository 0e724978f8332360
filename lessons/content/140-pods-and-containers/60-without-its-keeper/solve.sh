lab-ctl stop kubelet
kill -9 $(pgrep -xf 'httpd -f -p 80 -h /site')
sleep 3
lab-ctl start kubelet
until pgrep -xf 'httpd -f -p 80 -h /site'; do sleep 1; done
