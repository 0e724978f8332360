docker run -d --name greeter -e GREETING='Good morning' busybox:1 sleep 1000
