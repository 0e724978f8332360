P=$(pgrep -xf 'sleep 7777')
nsenter --target $P --mount --uts --ipc --net --pid --cgroup --root --wd /bin/sleep 8888 >/dev/null 2>&1 &
