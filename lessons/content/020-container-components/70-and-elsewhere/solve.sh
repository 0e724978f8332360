docker save -o ~/hello.tar hello:2
ctr -n elsewhere images import ~/hello.tar
ctr -n elsewhere run -d docker.io/library/hello:2 there
