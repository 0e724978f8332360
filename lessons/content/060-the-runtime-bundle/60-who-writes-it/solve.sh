cd ~
skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/redis:8.0 oci:redis:8.0
umoci unpack --image redis:8.0 cache
docker run -d --name small --read-only -m 64m --pids-limit 50 -e GREETING=hi -u 1000 -w /tmp --hostname box -v ~/pages:/pages:ro busybox:1 sleep 1000
BUNDLE=/run/containerd/io.containerd.runtime.v2.task/moby/$(docker inspect -f '{{.Id}}' small)
jq -c '.process | {args, env, user, cwd}' $BUNDLE/config.json
