cd ~/hand
tar -C image -c . | ctr -n hand images import --base-name hand -
ctr -n hand run hand:v1 first
skopeo copy oci:image:v1 docker-daemon:hand:v1
docker run --name second $(docker images -q hand:v1)
