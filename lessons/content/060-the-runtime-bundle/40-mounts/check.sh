config=~/bundle/config.json
[ -e $config ] || hint "The bundle is missing. Go back to the first step and make it."
redo="replace the container: runc delete -f mine; cd ~/bundle && runc run -d mine </dev/null >/dev/null 2>&1"
again="then $redo"
pid=$(runc state mine 2>/dev/null | jq 'select(.status == "running").pid')
[ -n "$pid" ] || hint "The container mine does not run. If starting it fails, look at what runc says: runc delete -f mine; cd ~/bundle && runc run mine"
mounted() { awk -v at="$1" '$5 == at { found = $6 } END { print found }' "/proc/$pid/mountinfo"; }
kind() { awk -v at="$1" '$5 == at { for (i = 7; $i != "-"; i++); found = $(i + 1) } END { print found }' "/proc/$pid/mountinfo"; }
if [ -z "$(mounted /pages)" ]; then
  jq -e '.mounts[] | select(.destination == "/pages")' $config >/dev/null 2>&1 && hint "config.json mounts /pages, and the container that runs is older. So $redo"
  hint "Nothing is mounted at /pages in the container yet. Add it to .mounts in config.json, as in the text, $again"
fi
[ "/proc/$pid/root/pages" -ef ~/pages ] || hint "What is mounted at /pages is not your folder /root/pages. Mend its source in config.json, $again"
[[ ,$(mounted /pages), == *,ro,* ]] || hint "The container may write to /pages. Add ro to its options in config.json, $again"
[ "$(kind /tmp)" = tmpfs ] || hint "/pages is as it should be; /tmp is not in memory yet. Add a mount of type tmpfs at /tmp to config.json, $again"
[ "$(nsenter -t "$pid" -n curl -s -m 2 http://127.0.0.1/)" = "$(cat ~/pages/index.html 2>/dev/null)" ] && [ -s ~/pages/index.html ] && exit 0
[ -s ~/pages/index.html ] || hint "There is no page in the folder: echo 'hello from outside' > ~/pages/index.html"
hint "Everything is mounted, but nobody serves the page. Its args should be httpd -f -p 80 -h /pages; mend config.json, $again"
