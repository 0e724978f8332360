cd ~/hand
cp -r image arrived
LAYER=$(sha256sum < layer.tar.gz | cut -d ' ' -f 1)
printf x >> arrived/blobs/sha256/$LAYER
skopeo copy -q oci:arrived:v1 oci:copied:v1
mv arrived/blobs/sha256/$LAYER damaged
cp image/blobs/sha256/$LAYER arrived/blobs/sha256/
skopeo copy -q oci:arrived:v1 oci:copied:v1 && echo whole again
