docker run -d --name careful --user 1000:1000 --cap-drop ALL --security-opt no-new-privileges \
  --read-only --tmpfs /tmp --pids-limit 50 -m 64m busybox:1 httpd -f -p 8080 -h /etc
