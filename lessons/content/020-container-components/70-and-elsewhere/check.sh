[ -n "$(docker images -q hello:2)" ] || hint "The image hello:2 is missing. Build it as in step 5: cd ~/app && docker build -t hello:2 ."
image=$(ctr -n elsewhere containers info there 2>/dev/null | jq -r .Image)
if [ -z "$image" ]; then
  ctr -n elsewhere images ls -q 2>/dev/null | grep -q '/hello:2$' && hint "The image has arrived elsewhere. Start it there: ctr -n elsewhere run -d docker.io/library/hello:2 there"
  ctr images ls -q 2>/dev/null | grep -q '/hello:2$' && hint "The image went into containerd's default room. Say which: ctr -n elsewhere images import ~/hello.tar"
  [ -s ~/hello.tar ] || hint "There is no bundle yet. Make it: docker save -o ~/hello.tar hello:2"
  hint "The bundle is packed. Carry it elsewhere: ctr -n elsewhere images import ~/hello.tar"
fi
again="Remove it with: ctr -n elsewhere containers rm there, and start it again."
case $image in
  */hello:2) ;;
  *) hint "What runs elsewhere is $image, not hello:2. End it: ctr -n elsewhere tasks kill -s KILL there. $again" ;;
esac
task=$(ctr -n elsewhere tasks ls | awk '$1 == "there" { print $2, $3 }')
[ -n "$task" ] || hint "The container there is set up, but no process runs in it. $again"
[ "${task#* }" = RUNNING ] || hint "The process in the container there has ended. First: ctr -n elsewhere tasks rm there. $again"
program=/proc/${task% *}/root/site/cgi-bin/index.cgi
grep -q 'INCR visits' "$program" 2>/dev/null && exit 0
hint "What runs elsewhere is not your program. Save and import the image again; first end it: ctr -n elsewhere tasks kill -s KILL there"
