registry=http://localhost:5000/v2/hand
accept='Accept: application/vnd.oci.image.manifest.v1+json'
put="curl -i -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest.mine $registry/manifests/v1"
curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
manifest=$(curl -s -m 2 -f -H "$accept" $registry/manifests/v1) || {
  [ -s ~/pull/manifest.mine ] || hint "There is no manifest of your own yet: the block with jq that writes ~/pull/manifest.mine"
  hint "Your manifest is written, but not in the registry. Push it: cd ~/pull && $put"
}
config=$(jq -r .config.digest <<<"$manifest")
own=$(jq -r .config.digest ~/pull/manifest 2>/dev/null)
[ "$config" != "$own" ] || hint "hand:v1 still names the configuration of busybox. Write manifest.mine with your configuration's hash, then: $put"
command=$(curl -s -m 2 "$registry/blobs/$config" | jq -r '.config.Cmd // [] | join(" ")' 2>/dev/null)
[ -n "$command" ] || hint "The configuration that hand:v1 names has no command. Make config.mine again as in the step before, push it, and then a manifest with its hash."
digest=sha256:$(curl -s -m 2 -H "$accept" $registry/manifests/v1 | sha256sum | cut -d ' ' -f 1)
id=$(docker image inspect -f '{{.Id}}' localhost:5000/hand@"$digest" 2>/dev/null) || hint "The registry has your image. Now let Docker have it: HAND=localhost:5000/hand; docker run --name pushed \$HAND:v1"
docker ps -aq | xargs -r docker inspect -f '{{.Image}}' 2>/dev/null | grep -qx "$id" && exit 0
hint "Docker has pulled your image and not run it, or removed the container again. Run it: HAND=localhost:5000/hand; docker run --name pushed \$HAND:v1"
