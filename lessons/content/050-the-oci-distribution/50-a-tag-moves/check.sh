registry=http://localhost:5000/v2/hand/manifests
accept='Accept: application/vnd.oci.image.manifest.v1+json'
curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
[ -s ~/pull/manifest.mine ] || hint "Your first image is missing. Go back one step and push it."
first=sha256:$(sha256sum <~/pull/manifest.mine | cut -d ' ' -f 1)
curl -s -m 2 -f -o /dev/null -H "$accept" $registry/"$first" || hint "The registry does not have your first image any more. Go back one step and push manifest.mine; then move the tag."
now=$(curl -s -m 2 -f -H "$accept" $registry/v1) || hint "There is no tag v1 in the repository hand. Go back one step and push it."
digest=sha256:$(curl -s -m 2 -H "$accept" $registry/v1 | sha256sum | cut -d ' ' -f 1)
if [ "$digest" = "$first" ]; then
  [ -s ~/pull/config.new ] || hint "The tag v1 still means your first image. Push another one under it: begin with config.new, as in the text."
  [ -s ~/pull/manifest.new ] || hint "config.new is there. Now a manifest that names it: the line with jq that writes manifest.new."
  hint "manifest.new is written; the tag still means the old one. Put it in its place: curl -X PUT -H 'Content-Type: application/vnd.oci.image.manifest.v1+json' --data-binary @manifest.new $registry/v1"
fi
[ "$(jq -r .config.digest <<<"$now")" != "$(jq -r .config.digest ~/pull/manifest.mine)" ] || hint "The new v1 has the configuration of the old one. Write manifest.new with the hash of config.new, and push it again."
docker image inspect -f '{{join .RepoDigests "\n"}}' localhost:5000/hand:v1 2>/dev/null | grep -qx "localhost:5000/hand@$digest" && exit 0
hint "The tag has moved, and your Docker has not noticed. Let it ask: docker run --rm --pull always localhost:5000/hand:v1"
