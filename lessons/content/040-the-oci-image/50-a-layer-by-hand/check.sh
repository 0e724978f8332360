cd ~/hand 2>/dev/null || hint "There is no folder /root/hand yet. Begin with the first block: mkdir -p ~/hand/files/bin"
if ! [ -d image/blobs/sha256 ]; then
  [ -e files/note ] && [ -x files/bin/busybox ] || hint "The layer needs files: a busybox in ~/hand/files/bin and a note in ~/hand/files. Run the first block again."
  [ -e layer.tar ] || hint "The files are there. Make an archive of them: cd ~/hand && tar -C files -cf layer.tar ."
  [ -e layer.tar.gz ] || hint "The archive is there. Compress it, and keep the original: gzip -k layer.tar"
  [ -x put ] || hint "The layer is packed. Save the script /root/hand/put, then: ./put layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip"
  hint "Everything is prepared. Make a blob of it: cd ~/hand && ./put layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip"
fi
found=
for blob in image/blobs/sha256/*; do
  list=$(tar tf "$blob" 2>/dev/null) || continue
  found=$list
  grep -qx '\(\./\)\?note' <<<"$list" && grep -qx '\(\./\)\?bin/cat' <<<"$list" || continue
  [ "$(sha256sum <"$blob" | cut -d ' ' -f 1)" = "${blob##*/}" ] && exit 0
  hint "There is a blob with your files, but its name is not its hash. Remove it with: rm $HOME/hand/$blob, and use ./put"
done
grep -qx '\(\./\)\?files/note' <<<"$found" && hint "In your archive everything lies in a folder files. It must begin inside of it: tar -C files -cf layer.tar . Then gzip -kf layer.tar, and ./put again."
[ -n "$found" ] && hint "There is a layer, but without note or bin/cat. Look into ~/hand/files, pack it again, and ./put it again."
hint "No blob is a layer yet. Make one of the archive: cd ~/hand && ./put layer.tar.gz application/vnd.oci.image.layer.v1.tar+gzip"
