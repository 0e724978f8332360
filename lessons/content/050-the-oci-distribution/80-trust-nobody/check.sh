curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
[ -s ~/pull/layer ] && [ -s ~/pull/manifest ] || hint "The layer that you pulled is missing. Go back to the second step and pull it."
hash() { sha256sum <"$1" | cut -d ' ' -f 1; }
layer=$(jq -r '.layers[0].digest' ~/pull/manifest | cut -d : -f 2)
[ "$(hash ~/pull/layer)" = "$layer" ] || hint "Your own copy of the layer is damaged, too. Pull it again: curl -s -o ~/pull/layer http://registry.lab:5000/v2/library/busybox/blobs/sha256:$layer"
disk=/var/lib/registry/docker/registry/v2/blobs/sha256/${layer:0:2}/$layer
if ! [ -s ~/pull/damaged ]; then
  [ -e "$disk/data" ] || hint "The registry has no such blob at all, and no damaged one is put aside. Upload it, cd ~/pull && ./push layer hand, then damage it: printf x >> $disk/data"
  [ "$(hash "$disk/data")" = "$layer" ] && hint "The registry's disk is in order. Break it: printf x >> $disk/data"
  hint "The layer on the registry's disk is damaged. See who notices; then put it aside: mv $disk/data ~/pull/damaged"
fi
[ "$(hash ~/pull/damaged)" = "$layer" ] && hint "What you put aside is not damaged. Bring it back, mv ~/pull/damaged $disk/data, and damage it: printf x >> $disk/data"
[ -e "$disk/data" ] || hint "The damaged blob is out of the way. Now the registry takes the good one: cd ~/pull && ./push layer hand"
[ "$(hash "$disk/data")" = "$layer" ] || hint "The layer on the registry's disk is damaged again. Take it away, rm $disk/data, and upload the good one: cd ~/pull && ./push layer hand"
curl -s -m 2 -f "http://localhost:5000/v2/hand/blobs/sha256:$layer" | cmp -s - ~/pull/layer || hint "The disk is in order, but hand does not hand the layer out. Upload it once more: cd ~/pull && ./push layer hand"
