P=$(docker inspect -f '{{.State.Pid}}' web)
nsenter --target $P --mount sh -c 'echo "made by hand" > /usr/share/nginx/html/index.html'
