mkdir -p ~/mine && echo 'I am on no list.' > ~/mine/index.html
WEB=$(pgrep -xf 'httpd -f -p 80 -h /site')
PAUSE=$(pgrep -x pause -P $(ps -o ppid= -p $WEB))
nsenter --target $PAUSE --net busybox httpd -p 8080 -h ~/mine
