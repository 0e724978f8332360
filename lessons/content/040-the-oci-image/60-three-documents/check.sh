cd ~/hand/image 2>/dev/null || hint "The layer of the step before is missing. Go back one step and make it."
# What keeps a descriptor ($1: digest and size) from pointing to the blob that it names; $2 says what it is.
pointed() {
  local digest size name; read -r digest size <<<"$1"
  name=blobs/sha256/${digest#sha256:}
  [ -f "$name" ] && [ -n "$digest" ] || hint "There is no blob for the $2, ${digest:-nothing}. Make it with ./put, and what points to it anew."
  [ "$(sha256sum <"$name" | cut -d ' ' -f 1)" = "${digest#sha256:}" ] || hint "The blob of the $2 is not what its name says. Make it again with ./put"
  [ "$(stat -c %s "$name")" = "$size" ] || hint "The size that is given for the $2 is not that of the blob. Make what points to it anew."
}
[ -e ../config ] || [ -e index.json ] || hint "The layer is there. Now the configuration: the block with jq -n that writes ~/hand/config"
[ -e ../manifest ] || [ -e index.json ] || hint "The configuration is written. Now the manifest, with the next block."
[ -e index.json ] || hint "The manifest is written. Now the index: the block that writes ~/hand/image/index.json"
jq -e . index.json >/dev/null 2>&1 || hint "~/hand/image/index.json is no JSON. Write it again, with the last block."
manifest=$(jq -r '[.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "v1")][0] | select(.) | "\(.digest) \(.size)"' index.json 2>/dev/null)
[ -n "$manifest" ] || hint "The index names no image v1. Its manifest needs the annotation org.opencontainers.image.ref.name; write it again, with the last block."
pointed "$manifest" manifest
file=blobs/sha256/$(cut -d ' ' -f 1 <<<"${manifest#sha256:}")
pointed "$(jq -r '.config | "\(.digest) \(.size)"' "$file" 2>/dev/null)" configuration
config=blobs/sha256/$(jq -r '.config.digest' "$file" | cut -d : -f 2)
[ "$(jq '.layers | length' "$file")" -gt 0 ] || hint "The manifest has no layers. Write it again, and the index after it."
[ "$(jq '.layers | length' "$file")" = "$(jq '.rootfs.diff_ids | length' "$config" 2>/dev/null)" ] || hint "The configuration must list a diff_id for each layer of the manifest. Write it again, then the manifest and the index."
diffs=$(jq -r '.rootfs.diff_ids[]' "$config")
while read -r digest size; do
  pointed "$digest $size" layer
  read -r diff
  case $(file -b "blobs/sha256/${digest#sha256:}") in gzip*) open=zcat ;; *) open=cat ;; esac
  [ "sha256:$($open "blobs/sha256/${digest#sha256:}" | sha256sum | cut -d ' ' -f 1)" = "$(sed -n "$((line += 1))p" <<<"$diffs")" ] \
    || hint "The diff_id in the configuration is not the hash of the uncompressed layer. Write ~/hand/config again, then the manifest and the index."
done < <(jq -r '.layers[] | "\(.digest) \(.size)\n"' "$file")
[ "$(jq -r '.config.Cmd // .config.Entrypoint | length' "$config")" -gt 0 ] || hint "The configuration names no command. Put a Cmd into ~/hand/config, then write the manifest and the index again."
jq -e .imageLayoutVersion oci-layout >/dev/null 2>&1 || hint "Only the file oci-layout is missing: echo '{\"imageLayoutVersion\": \"1.0.0\"}' > ~/hand/image/oci-layout"
