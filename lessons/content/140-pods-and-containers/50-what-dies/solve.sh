kill -9 $(pgrep -xf 'httpd -f -p 80 -h /site')
HTTPD=$(pgrep -xf 'httpd -f -p 8080 -h /etc')
kill -9 $(pgrep -x pause -P $(ps -o ppid= -p $HTTPD))
until kubectl get pod pair | grep -q ago; do sleep 1; done
