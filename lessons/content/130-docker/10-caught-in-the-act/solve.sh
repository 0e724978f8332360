docker run -d --name web busybox:1 httpd -f -p 80 -h /etc
