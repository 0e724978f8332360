cd ~/bb/blobs/sha256
MANIFEST=$(jq -r '.manifests[0].digest' ~/bb/index.json | cut -d : -f 2)
LAYER=$(jq -r '.layers[0].digest' $MANIFEST | cut -d : -f 2)
mkdir ~/files
tar xzf $LAYER -C ~/files
