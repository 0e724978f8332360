cd ~/pull 2>/dev/null || hint "There is no folder /root/pull yet. Begin with: mkdir ~/pull; cd ~/pull"
hash() { sha256sum <"$1" | cut -d ' ' -f 1; }
from=http://registry.lab:5000/v2/library/busybox
accept='Accept: application/vnd.oci.image.manifest.v1+json'
[ -s manifest ] || hint "There is no manifest in /root/pull yet. Ask for it: curl -s -H '$accept' -o ~/pull/manifest $from/manifests/1"
grep -q '"errors"' manifest && hint "What you have saved as manifest is an error: $(jq -r '.errors[0].message' manifest 2>/dev/null). Ask again with -H '$accept'"
config=$(jq -r '.config.digest // empty' manifest 2>/dev/null)
layer=$(jq -r '.layers[0].digest // empty' manifest 2>/dev/null)
[ -n "$config" ] && [ -n "$layer" ] || hint "What you have saved as manifest is none. Ask again: curl -s -H '$accept' -o ~/pull/manifest $from/manifests/1"
curl -s -m 2 -o /dev/null -f -H "$accept" "$from/manifests/sha256:$(hash manifest)" \
  || hint "The manifest in /root/pull is not one of busybox, or not byte for byte. Ask again: curl -s -H '$accept' -o ~/pull/manifest $from/manifests/1"
[ -s config ] || hint "You have the manifest. Now the configuration that it names: curl -s -o ~/pull/config $from/blobs/$config"
[ "sha256:$(hash config)" = "$config" ] || hint "The file config is not what the manifest names. Ask again: curl -s -o ~/pull/config $from/blobs/$config"
[ -s layer ] || hint "Only the layer is missing: curl -s -o ~/pull/layer $from/blobs/$layer"
[ "sha256:$(hash layer)" = "$layer" ] || hint "The file layer is not what the manifest names. Ask again: curl -s -o ~/pull/layer $from/blobs/$layer"
