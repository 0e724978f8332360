args=$(jq -r '.process.args // [] | join(" ")' ~/cache/config.json 2>/dev/null)
if [ -z "$args" ]; then
  [ -e ~/redis/index.json ] && hint "The image of Redis is there. Make a bundle of it: cd ~ && umoci unpack --image redis:8.0 cache"
  hint "There is no bundle /root/cache yet. Fetch Redis, skopeo copy -q --src-tls-verify=false docker://registry.lab:5000/library/redis:8.0 oci:redis:8.0, then: umoci unpack --image redis:8.0 cache"
fi
again="Remove it with: docker rm -f small, and start it again as in the text."
read -r status memory pids readonly id < <(docker inspect -f '{{.State.Status}} {{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.ReadonlyRootfs}} {{.Id}}' small 2>/dev/null)
[ -n "$status" ] || hint "umoci has written a contract. Now let Docker write one: start the container small, as in the text."
[ "$status" = running ] || hint "small is $status, and its bundle is gone with it. $again"
[ "$memory" != 0 ] || hint "small has no limit for its memory, so there is nothing to see in the contract: it wants -m 64m. $again"
case $pids in 0 | -1 | '<nil>' | '<no') hint "small has no limit for its processes: it wants --pids-limit 50. $again" ;; esac
[ "$readonly" = true ] || hint "small may write to its root filesystem: it wants --read-only. $again"
[ -e "/run/containerd/io.containerd.runtime.v2.task/moby/$id/config.json" ] || hint "small runs, but its bundle is not there. $again"
