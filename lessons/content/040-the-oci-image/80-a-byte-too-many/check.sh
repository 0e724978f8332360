cd ~/hand/image 2>/dev/null || hint "The image of the steps before is missing. Go back and build it."
cd ~/hand
[ -d arrived ] || hint "Nothing has arrived yet. Make a copy and damage it: cd ~/hand && cp -r image arrived, then the line with printf."
manifest=$(jq -r '[.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "v1")][0].digest // empty' image/index.json 2>/dev/null)
layer=$(jq -r '.layers[0].digest // empty' "image/blobs/sha256/${manifest#sha256:}" 2>/dev/null | cut -d : -f 2)
[ -n "$layer" ] || hint "The good image in ~/hand/image is damaged itself. Go back to the step with the three documents and build it again."
hash() { sha256sum <"$1" | cut -d ' ' -f 1; }
[ "$(hash "image/blobs/sha256/$layer")" = "$layer" ] || hint "You have damaged the good image. Its layer is still there as an archive: ./put layer.tar.gz x. Then damage the copy in arrived."
blob=arrived/blobs/sha256/$layer
if ! [ -s damaged ]; then
  [ -e "$blob" ] || hint "The layer is missing in arrived. Begin again: rm -r ~/hand/arrived, and copy the image once more."
  [ "$(hash "$blob")" = "$layer" ] && hint "The copy in arrived is whole. Damage its layer: printf x >> ~/hand/$blob"
  hint "The layer in arrived is damaged. See who notices; then put it aside: mv ~/hand/$blob ~/hand/damaged"
fi
[ "$(hash damaged)" = "$layer" ] && hint "What you put aside is not damaged at all. Bring it back: mv ~/hand/damaged ~/hand/$blob, then: printf x >> ~/hand/$blob"
[ -e "$blob" ] || hint "The damaged layer is out of the way. Bring in the good one: cp ~/hand/image/blobs/sha256/$layer ~/hand/arrived/blobs/sha256/"
for blob in arrived/blobs/sha256/*; do
  [ "$(hash "$blob")" = "${blob##*/}" ] || hint "Not everything in arrived is whole: ${blob##*/} is not what its name says. Take it from ~/hand/image/blobs/sha256"
done
cmp -s image/index.json arrived/index.json || hint "The index of arrived is another one than you sent. Copy it: cp ~/hand/image/index.json ~/hand/arrived/"
