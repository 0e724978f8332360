layers() { docker image inspect -f '{{join .RootFS.Layers "\n"}}' "$1" 2>/dev/null; }
counts() { docker save "$1" | grep -qa 'INCR visits'; }
first=$(layers hello:1) || hint "The image hello:1 of the step before is missing. Go back one step and build it."
second=$(layers hello:2) || {
  grep -q 'INCR visits' ~/app/hello 2>/dev/null || hint "The program does not count yet: save the new /root/app/hello."
  counts hello:1 && hint "You have built hello:1 anew. That is the new program; it needs the next name, too: docker build -t hello:2 ."
  hint "The new program is saved. Build it under a new name: cd ~/app && docker build -t hello:2 ."
}
if ! counts hello:2; then
  grep -q 'INCR visits' ~/app/hello 2>/dev/null || hint "hello:2 still holds the old program. Save the new /root/app/hello, then build again."
  hint "hello:2 still holds the old program, and the new one is saved. Build again: cd ~/app && docker build -t hello:2 ."
fi
counts hello:1 && hint "Now hello:1 counts as well, so there is nothing to compare. Build hello:1 as the step before shows, then hello:2 again."
[ "$(head -n -1 <<<"$first")" = "$(head -n -1 <<<"$second")" ] && exit 0
hint "hello:2 shares too few layers with hello:1: not only the COPY line was made anew. Take the Dockerfile of the step before, and build both again."
