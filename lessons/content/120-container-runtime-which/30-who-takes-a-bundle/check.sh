[ -s ~/bundle/config.json ] || {
  [ -e ~/bundle/rootfs/bin/sh ] || hint "There is no bundle yet. Begin with its files: the block with docker export"
  hint "The bundle has files, and no configuration. Write one: cd ~/bundle && runc spec"
}
jq . ~/bundle/config.json >/dev/null 2>&1 || hint "config.json is no JSON any more. Make it anew: cd ~/bundle && rm config.json && runc spec"
for pair in runc=one crun=two; do
  tool=${pair%=*} name=${pair#*=}
  state=$($tool state $name 2>/dev/null | jq -r '.status + " " + .bundle')
  again="Remove it with: $tool delete -f $name, and try again."
  case $state in
    "") hint "$tool has no container called $name yet. Hand it the bundle: $tool run -d --bundle ~/bundle $name </dev/null >/dev/null 2>&1" ;;
    "running /root/bundle") ;;
    running*) hint "The container $name of $tool is of another bundle (${state#* }). $again" ;;
    *)
      [ "$(jq -r '.process.args[0]' ~/bundle/config.json)" = sleep ] || hint "The container $name has ended. What does config.json say it should run? jq .process.args ~/bundle/config.json. $again"
      hint "The container $name of $tool is ${state% *}. $again"
      ;;
  esac
done
