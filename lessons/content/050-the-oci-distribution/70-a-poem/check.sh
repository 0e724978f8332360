registry=http://localhost:5000/v2/poems
accept='Accept: application/vnd.oci.image.manifest.v1+json'
curl -s -m 2 -o /dev/null http://localhost:5000/v2/ || hint "Your registry does not answer. Start it again in its terminal: docker-registry serve ~/registry.yml"
tags=$(curl -s -m 2 -f $registry/tags/list | jq -r '.tags // [] | .[]')
if [ -z "$tags" ]; then
  [ -s ~/pull/poem ] || hint "There is no poem yet: save the file /root/pull/poem. It may be one of your own."
  has() { curl -s -m 2 -f -I -o /dev/null "$registry/blobs/sha256:$(sha256sum <"$1" | cut -d ' ' -f 1)"; }
  has ~/pull/poem || hint "The poem is not in the repository poems yet: cd ~/pull && ./push poem poems"
  [ -s ~/pull/empty ] && has ~/pull/empty || hint "The poem is there; the empty configuration is not: cd ~/pull; printf '{}' > empty; ./push empty poems"
  hint "Both blobs are there. Now the manifest: write manifest.poem with jq, then PUT it to $registry/manifests/limerick"
fi
for tag in $tags; do
  manifest=$(curl -s -m 2 -f -H "$accept" "$registry/manifests/$tag") || continue
  case $(jq -r '.config.mediaType' <<<"$manifest") in
    application/vnd.oci.image.config.v1+json | application/vnd.docker.container.image.v1+json)
      wrong="poems:$tag claims to be a container image. Its config needs the type application/vnd.oci.empty.v1+json; write manifest.poem again and PUT it."
      continue
      ;;
  esac
  curl -s -m 2 -f "$registry/blobs/$(jq -r '.layers[0].digest' <<<"$manifest")" | grep -q . && exit 0
done
hint "${wrong:-The repository poems has a tag, but no poem comes out. Its layer must be the poem: write manifest.poem again and PUT it.}"
