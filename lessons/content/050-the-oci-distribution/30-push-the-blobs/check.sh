cd ~/pull 2>/dev/null && [ -s layer ] || hint "The pulled image is missing. Go back one step and pull it."
curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
has() { curl -s -m 2 -f -I -o /dev/null "http://localhost:5000/v2/hand/blobs/sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
[ -s config.mine ] || hint "There is no configuration of your own yet: cd ~/pull && jq -c '.config.Cmd = [\"echo\", \"pushed by hand\"]' config > config.mine"
jq -e '.config.Cmd | length > 0' config.mine >/dev/null 2>&1 || hint "config.mine is no configuration with a command. Make it again: jq -c '.config.Cmd = [\"echo\", \"pushed by hand\"]' config > config.mine"
cmp -s config config.mine && hint "config.mine is the same as config. Give it another command: jq -c '.config.Cmd = [\"echo\", \"pushed by hand\"]' config > config.mine"
if ! has config.mine; then
  has layer && hint "The layer is in the repository hand. Your configuration is missing: cd ~/pull && ./push config.mine hand"
  hint "Your configuration is not in the repository hand yet. Upload it with POST and PUT, as in the text; or save the script, then: ./push config.mine hand"
fi
has layer && exit 0
[ -x push ] || hint "Your configuration is there. Save the script /root/pull/push, and upload the layer with it: ./push layer hand"
hint "Your configuration is there, the layer is not. Upload it: cd ~/pull && ./push layer hand"
