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
packed=$(tar tzf "$bb/$layer" | grep -m 1 -x '\(\./\)\?bin/busybox')
tar xzOf "$bb/$layer" "${packed:-bin/busybox}" 2>/dev/null | cmp -s - ~/files/bin/busybox \
  || hint "The busybox in /root/files is not the one of the layer. Begin again: rm -r ~/files, mkdir ~/files, tar xzf $bb/$layer -C ~/files"
[ -e ~/files/etc/passwd ] || hint "Only a part of the layer is in /root/files. Unpack all of it: tar xzf $bb/$layer -C ~/files"
