bb=~/bb/blobs/sha256
blob() { jq -r "$1 // empty" "$2" 2>/dev/null | cut -d : -f 2; }
manifest=$(blob '.manifests[0].digest' ~/bb/index.json)
layer=$(blob '.layers[0].digest' "$bb/$manifest")
[ -s "$bb/$layer" ] && [ -n "$layer" ] || hint "The image in /root/bb is gone or damaged. Fetch it again: rm -rf ~/bb, then skopeo copy as in step 1."
[ -d ~/files ] || hint "You have seen the layer; its files lie nowhere yet. Unpack it: mkdir ~/files, then tar xzf $bb/$layer -C ~/files"
if ! [ -e ~/files/bin/busybox ]; then
  [ -n "$(ls -A ~/files)" ] && hint "There is something in /root/files, but not the layer's files. Unpack right into it: tar xzf $bb/$layer -C ~/files"
  hint "/root/files is empty. Unpack the layer into it: tar xzf $bb/$layer -C ~/files"
fi
wrong=$(cd ~/files && tar dzf "$bb/$layer" 2>&1 | grep -m 1 -E 'No such file|Contents differ|Size differs|type differs')
[ -z "$wrong" ] || hint "Not all that is in the layer is in /root/files ($wrong). Begin again: rm -r ~/files; mkdir ~/files; tar xzf $bb/$layer -C ~/files"
