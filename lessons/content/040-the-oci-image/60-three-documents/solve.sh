cd ~/hand
jq -n --arg arch $(dpkg --print-architecture) --arg diff sha256:$(sha256sum < layer.tar | cut -d ' ' -f 1) '{architecture: $arch, os: "linux", config: {Cmd: ["cat", "/note"], Env: ["PATH=/bin"]}, rootfs: {type: "layers", diff_ids: [$diff]}}' > config
CONFIG=$(./put config application/vnd.oci.image.config.v1+json)
LAYER=$(./put layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip)
jq -n --argjson config "$CONFIG" --argjson layer "$LAYER" '{schemaVersion: 2, mediaType: "application/vnd.oci.image.manifest.v1+json", config: $config, layers: [$layer]}' > manifest
MANIFEST=$(./put manifest application/vnd.oci.image.manifest.v1+json)
jq -n --argjson manifest "$MANIFEST" '{schemaVersion: 2, manifests: [$manifest + {annotations: {"org.opencontainers.image.ref.name": "v1"}}]}' > image/index.json
echo '{"imageLayoutVersion": "1.0.0"}' > image/oci-layout
