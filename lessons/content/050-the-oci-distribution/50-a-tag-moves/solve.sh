cd ~/pull
jq -c '.config.Cmd = ["echo", "something else"]' config > config.new
./push config.new hand
DIGEST=sha256:$(sha256sum < config.new | cut -d ' ' -f 1)
jq -c --arg digest $DIGEST --argjson size $(stat -c %s config.new) '.config.digest = $digest | .config.size = $size' manifest > manifest.new
curl -X PUT -H "Content-Type: application/vnd.oci.image.manifest.v1+json" --data-binary @manifest.new localhost:5000/v2/hand/manifests/v1
HAND=localhost:5000/hand
docker run --rm --pull always $HAND:v1
