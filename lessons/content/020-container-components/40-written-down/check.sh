if ! docker image inspect hello:1 >/dev/null 2>&1; then
  [ -s ~/app/hello ] || hint "The program is missing: save the first file, /root/app/hello."
  [ -s ~/app/Dockerfile ] || hint "The Dockerfile is missing: save the second file, /root/app/Dockerfile."
  docker image inspect hello >/dev/null 2>&1 && hint "You built hello without a version. Give it one: docker tag hello hello:1"
  hint "Both files are there; there is no image hello:1 yet. Build it: cd ~/app && docker build -t hello:1 ."
fi
greetings=()
for name in one two; do
  state=$(docker inspect -f '{{.State.Status}} {{.Config.Image}} {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}{{println}}{{range .Config.Env}}{{println .}}{{end}}' $name 2>/dev/null) || {
    [ $name = one ] && hint "The image hello:1 is built. Start the first container: docker run -d --name one -p 8001:80 hello:1"
    hint "The container one runs. Now the second: docker run -d --name two -p 8002:80 -e GREETING=Servus hello:1"
  }
  read -r status image address <<<"$state"
  again="Remove it with: docker rm -f $name, and start it again."
  [ "$image" = hello:1 ] || hint "The container $name was made from $image, not hello:1. $again"
  [ "$status" = running ] || hint "The container $name is $status. Look why: docker logs $name. $again"
  greeting=$(sed -n 's/^GREETING=//p' <<<"$state")
  case $(curl -s -m 1 "$address") in
    "$greeting from "*) greetings+=("$greeting") ;;
    *404*) hint "The server in $name finds no page that it can run. Is the program executable? Try: chmod 755 ~/app/hello, and build again. $again" ;;
    *) hint "The container $name does not greet. Compare your two files with the ones here, and build again. $again" ;;
  esac
done
[ "${greetings[0]}" != "${greetings[1]}" ] && exit 0
hint "Both greet alike. Give the second its own words: docker rm -f two, then docker run -d --name two -p 8002:80 -e GREETING=Servus hello:1"
