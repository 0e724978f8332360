#!/bin/sh
# Makes an installed system the test machine. $1: its root; $2: the lab's user; the rest: units to mask.
set -eu
root=$1 user=$2
shift 2

# A known machine id, so that no boot is a first one.
echo 6d6163686966652d6f662d7468652d6c > "$root/etc/machine-id"
echo machine > "$root/etc/hostname"
printf '127.0.0.1 localhost machine\n::1 localhost\n' > "$root/etc/hosts"
echo '/dev/nvme0n1 / ext4 rw,noatime 0 0' > "$root/etc/fstab"

mkdir -p "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d" "$root/job"
printf '[Journal]\nStorage=volatile\n' > "$root/etc/systemd/journald.conf.d/volatile.conf"
# An emulated processor may need minutes where a real one needs seconds.
printf '[Manager]\nDefaultTimeoutStartSec=600\nDefaultDeviceTimeoutSec=600\n' \
    > "$root/etc/systemd/system.conf.d/patience.conf"

chroot "$root" useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
chroot "$root" systemctl --quiet mask "$@"
chroot "$root" systemctl --quiet enable lab-job.service
rm -rf "$root/var/cache/apt"/* "$root/var/lib/apt/lists"/*
