docker run -d --name shop busybox:1 httpd -f -p 80 -h /etc
ctr -n moby tasks pause $(docker inspect -f '{{.Id}}' shop)
