cd ~/pull
DIGEST=sha256:$(sha256sum < config.mine | cut -d ' ' -f 1)
jq -c --arg digest $DIGEST --argjson size $(stat -c %s config.mine) '.config.digest = $digest | .config.size = $size' manifest > manifest.mine
curl -i -X PUT -H "Content-Type: application/vnd.oci.image.manifest.v1+json" --data-binary @manifest.mine localhost:5000/v2/hand/manifests/v1
HAND=localhost:5000/hand
docker run --name pushed $HAND:v1
