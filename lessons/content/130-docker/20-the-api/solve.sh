curl -s --unix-socket /run/docker.sock -H 'Content-Type: application/json' \
  -d '{"Image": "busybox:1", "Cmd": ["httpd", "-f", "-p", "80", "-h", "/etc"]}' \
  'http://docker/containers/create?name=letter'
curl -s -i --unix-socket /run/docker.sock -X POST http://docker/containers/letter/start
sleep 1
