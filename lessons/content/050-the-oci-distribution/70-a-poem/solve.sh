cd ~/pull
printf '{}' > empty
./push empty poems
./push poem poems
EMPTY=sha256:$(sha256sum < empty | cut -d ' ' -f 1)
POEM=sha256:$(sha256sum < poem | cut -d ' ' -f 1)
jq -n --arg empty $EMPTY --arg poem $POEM --argjson size $(stat -c %s poem) '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", artifactType: "text/x-poem", config: {mediaType: "application/vnd.oci.empty.v1+json", digest: $empty, size: 2}, layers: [{mediaType: "text/plain", digest: $poem, size: $size}]}' > manifest.poem
curl -i -X PUT -H "Content-Type: application/vnd.oci.image.manifest.v1+json" --data-binary @manifest.poem localhost:5000/v2/poems/manifests/limerick
