curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
layer=$(jq -r '.layers[0].digest // empty' ~/pull/manifest 2>/dev/null)
[ -n "$layer" ] || hint "The manifest that you pulled is missing. Go back to the second step and pull it."
has() { curl -s -m 2 -f -I -o /dev/null "http://localhost:5000/v2/$1/blobs/$layer"; }
has hand || hint "The layer is not in your registry. Go back and push it: cd ~/pull && ./push layer hand"
named=
for repository in $(curl -s -m 2 http://localhost:5000/v2/_catalog | jq -r '.repositories[]'); do
  [ "$repository" != hand ] && has "$repository" \
    && [ "$(curl -s -m 2 "http://localhost:5000/v2/$repository/tags/list" | jq '.tags // [] | length')" -gt 0 ] && named="$named $repository"
done
read -r one two _ <<<"$named"
[ -n "$one" ] || hint "Only hand has the layer. Push busybox under a second name: docker pull busybox:1, docker tag busybox:1 localhost:5000/bb:1, docker push localhost:5000/bb:1"
[ -n "$two" ] || hint "The repositories hand and $one have it. One more: docker tag busybox:1 localhost:5000/other:1, docker push localhost:5000/other:1"
