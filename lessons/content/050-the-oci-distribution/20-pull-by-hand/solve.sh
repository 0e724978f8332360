mkdir ~/pull; cd ~/pull
FROM=http://registry.lab:5000/v2/library/busybox
curl -s -H "Accept: application/vnd.oci.image.manifest.v1+json" -o manifest $FROM/manifests/1
curl -s -o config $FROM/blobs/$(jq -r .config.digest manifest)
curl -s -o layer $FROM/blobs/$(jq -r '.layers[0].digest' manifest)
