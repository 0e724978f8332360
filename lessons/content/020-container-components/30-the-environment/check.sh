state=$(docker inspect -f '{{.State.Status}} {{.State.Pid}}' greeter 2>/dev/null) || hint "There is no container called greeter yet. Start it: docker run -d --name greeter -e GREETING='Good morning' busybox:1 sleep 1000"
again="Remove it with: docker rm -f greeter, and start it again."
case $(docker inspect -f '{{join .Args " "}}' greeter) in
  *GREETING=*) hint "GREETING went to the command as an argument. Options for Docker go before the image's name. $again" ;;
esac
[ "${state% *}" = running ] || hint "greeter is ${state% *}: its command has ended. $again Its command is: sleep 1000"
entry=$(tr '\0' '\n' <"/proc/${state#* }/environ" | grep '^GREETING=')
[ -n "${entry#GREETING=}" ] && exit 0
[ -n "$entry" ] && hint "greeter was given a GREETING, but an empty one. $again Write: -e GREETING='Good morning'"
hint "greeter runs, but there is no GREETING in its environment. $again Add: -e GREETING='Good morning'"
