manifest=$(jq -r '[.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "v1")][0].digest // empty' ~/hand/image/index.json 2>/dev/null)
[ -n "$manifest" ] || hint "The image of the step before is missing or has no tag v1. Go back one step and write its index."
config=$(jq -r .config.digest ~/hand/image/blobs/sha256/"${manifest#sha256:}" 2>/dev/null)
again="skopeo copy oci:/root/hand/image:v1 docker-daemon:hand:v1"
image=$(ctr -n hand containers info first 2>/dev/null | jq -r .Image)
if [ -z "$image" ]; then
  [ -n "$(ctr -n hand images ls -q 2>/dev/null)" ] && hint "containerd has the image. Now run it: ctr -n hand run hand:v1 first"
  hint "containerd does not know your image yet: cd ~/hand && tar -C image -c . | ctr -n hand images import --base-name hand -"
fi
ctr -n hand images ls 2>/dev/null | awk -v name="$image" '$1 == name { print $3 }' | grep -qx "$manifest" \
  || hint "containerd has run $image, but that is not the image in ~/hand/image. Import it again, then: ctr -n hand containers rm first, and run it again."
id=$(docker image inspect -f '{{.Id}}' hand:v1 2>/dev/null) || hint "containerd has run it. Now hand it over to Docker: $again"
[ "$id" = "$config" ] || [ "$id" = "$manifest" ] || hint "Docker's hand:v1 is not the image in ~/hand/image. Hand it over again: $again"
state=$(docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.Image}}' second 2>/dev/null) || hint "Docker has the image. Now run it: docker run --name second hand:v1"
case $state in
  "exited 0 $id") exit 0 ;;
  *" $id") hint "second is ${state% *}. It should have printed the note and ended. Look why: docker logs second" ;;
  *) hint "second was made from another image. Remove it with: docker rm -f second, then: docker run --name second hand:v1" ;;
esac
