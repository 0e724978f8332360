cd ~/pull
LAYER=$(sha256sum < layer | cut -d ' ' -f 1)
DISK=/var/lib/registry/docker/registry/v2/blobs/sha256/${LAYER:0:2}/$LAYER
printf x >> $DISK/data
curl -I localhost:5000/v2/hand/blobs/sha256:$LAYER
mv $DISK/data damaged
./push layer hand
docker push localhost:5000/bb:1
