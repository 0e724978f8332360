cd ~
skopeo copy -q --dest-compress-format zstd oci:bb:1 oci:zz:1
