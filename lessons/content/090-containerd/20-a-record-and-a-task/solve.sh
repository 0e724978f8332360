ctr -n mine containers create docker.io/library/busybox:1 web httpd -f -p 80 -h /etc
ctr -n mine tasks start -d web
