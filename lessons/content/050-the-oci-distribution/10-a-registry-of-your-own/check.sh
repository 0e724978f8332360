[ -s ~/registry.yml ] || hint "The registry has nothing to go by yet: save the file /root/registry.yml."
answer=$(curl -s -m 2 -o /dev/null -w '%{http_code}' http://localhost:5000/v2/)
case $answer in
  200) ;;
  000)
    [ -n "$(pgrep -x docker-registry; pgrep -f 'docker-registry serve')" ] && hint "The registry runs, but nobody answers on port 5000. Compare /root/registry.yml with the text here, end it with Ctrl-C, and start it again."
    hint "Nobody answers on port 5000. Start the registry in a second terminal: docker-registry serve ~/registry.yml"
    ;;
  *) hint "Something answers on port 5000, but with $answer. Is that a registry? End it, and start: docker-registry serve ~/registry.yml" ;;
esac
curl -s -m 2 -D - -o /dev/null http://localhost:5000/v2/ | grep -qi '^docker-distribution-api-version' || hint "What answers on port 5000 is no registry. End it, and start: docker-registry serve ~/registry.yml"
