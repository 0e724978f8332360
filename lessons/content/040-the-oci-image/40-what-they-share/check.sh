two=~/two
debian="skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/debian:13-slim oci:two:debian"
nginx="skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/nginx:1.26 oci:two:nginx"
[ -e $two/index.json ] || hint "There is no layout /root/two yet. Begin with Debian: cd ~ && $debian"
layers=$(jq -r '.manifests[].digest' $two/index.json 2>/dev/null | cut -d : -f 2 | while read -r manifest; do
  jq -r '[.layers[].digest] | join(" ")' "$two/blobs/sha256/$manifest" 2>/dev/null || echo missing
done)
case $(grep -c . <<<"$layers") in
  0) hint "The index of /root/two names no image. Put Debian in: cd ~ && $debian" ;;
  1)
    [[ $layers == *" "* ]] && hint "One image is in /root/two. Now Debian, into the same folder: cd ~ && $debian"
    hint "One image is in /root/two. Now the second, into the same folder: cd ~ && $nginx"
    ;;
esac
[[ $layers == *missing* ]] && hint "A manifest that the index names is missing. Begin again: rm -r ~/two, then both lines with skopeo copy."
shared=$(tr ' ' '\n' <<<"$layers" | sort | uniq -d | head -n 1)
[ -n "$shared" ] || hint "The images in /root/two have no layer in common. Take these: $debian, and $nginx"
[ -s "$two/blobs/sha256/${shared#sha256:}" ] || hint "The layer that both name is missing. Begin again: rm -r ~/two, then both lines with skopeo copy."
