read_layout() {
  local manifest; manifest=$(jq -r '.manifests[0].digest // empty' "$1/index.json" 2>/dev/null | cut -d : -f 2)
  jq -r '[.config.digest, .layers[0].digest, .layers[0].mediaType] | join(" ")' "$1/blobs/sha256/$manifest" 2>/dev/null
}
read -r config layer _ <<<"$(read_layout ~/bb)"
[ -n "$layer" ] || hint "The image in /root/bb is gone or damaged. Fetch it again: rm -rf ~/bb, then skopeo copy as in step 1."
[ -d ~/zz ] || hint "There is no second layout yet. Pack the layer anew: cd ~ && skopeo copy -q --dest-compress-format zstd oci:bb:1 oci:zz:1"
again="Begin again: rm -r ~/zz, then skopeo copy -q --dest-compress-format zstd oci:bb:1 oci:zz:1"
read -r config2 layer2 kind <<<"$(read_layout ~/zz)"
[ -n "$layer2" ] || hint "/root/zz holds no whole image. $again"
[ "$config2" = "$config" ] || hint "/root/zz holds another image than /root/bb: their configurations differ. $again"
[ "$layer2" != "$layer" ] || hint "/root/zz has the very same layer, packed the same way. Ask for the other packing: --dest-compress-format zstd. $again"
case $kind in
  *+zstd) exit 0 ;;
  *) hint "The layer in /root/zz is packed anew, but its type is $kind. $again" ;;
esac
