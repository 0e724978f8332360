"""Probes of what keeps sandboxes apart: file systems, cgroups, packet filter, system call filter."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from lab.setup.probes import Point, sysctl, tried

CONTROLLERS = ("cpu", "memory", "pids")
CGROUPS = Path("/sys/fs/cgroup")
RULES = """
table inet lab_doctor {
    set members { type ifname . ipv4_addr; }
    set talkers { type ipv4_addr; size 64; flags dynamic; }
    chain guard { type filter hook prerouting priority raw; iifname . ip saddr != @members drop; }
    chain names { type nat hook prerouting priority dstnat; udp dport 53 dnat ip to 192.0.2.1:5353; }
    chain outward { type nat hook postrouting priority srcnat; masquerade; }
    chain input {
        type filter hook input priority filter; ct state established accept
        add @talkers { ip saddr ct count over 9 } drop
        meta l4proto tcp reject with tcp reset
        reject with icmpx admin-prohibited
    }
}
"""
"""Each kind of rule that the lab's own table has."""
NESTED = "Run the lab on the host itself or in a virtual machine, not in a container or a chroot."
IN_PRIVATE = ("unshare", "--mount", "--propagation", "private", "--")


def overlay(data: Path) -> Point:
    """Mounts one, over an idmapped mount, on the disk that holds the data folder."""
    name = "overlay and idmapped mounts"
    with tempfile.TemporaryDirectory(prefix=".doctor-", dir=existing(data)) as folder:
        ok, said = tried([*IN_PRIVATE, sys.executable, "-B", Path(__file__).with_name("idmap.py"), folder])
    if ok:
        return Point(name, "ok", "An overlay on an idmapped mount works where the data lies.")
    mend = "Put LAB_DATA on ext4, xfs or btrfs, not on an overlay or a network file system."
    return Point(
        name, "fail", f"An overlay on an idmapped mount does not work in {data} ({said}).",
        NESTED if said.startswith("unshare") else mend,
    )  # fmt: skip


def loop_devices(data: Path) -> Point:
    """Makes a small file system in a file and mounts it."""
    script = (
        'truncate -s 8M "$1/disk" && mkfs.ext4 -q -F "$1/disk" && mkdir "$1/on" && '
        'mount -o loop "$1/disk" "$1/on" && umount "$1/on"'
    )
    if not program("mkfs.ext4"):
        return untried("loop devices", "e2fsprogs")
    with tempfile.TemporaryDirectory(prefix=".doctor-", dir=existing(data)) as folder:
        ok, said = tried([*IN_PRIVATE, "sh", "-c", script, "sh", folder])
    if ok:
        return Point("loop devices", "ok", "A file system in a file can be mounted.")
    mend = NESTED if said.startswith("unshare") else "Load the driver with: modprobe loop."
    return Point("loop devices", "fail", f"A file system in a file cannot be mounted ({said}).", mend)


def cgroups() -> Point:
    """Makes a cgroup under each controller that limits a sandbox, and removes it."""
    kind, places = cgroup_places()
    lacking = [name for name in CONTROLLERS if name not in places]
    if lacking:
        return Point(
            "cgroups", "fail", f"cgroup {kind} offers no controller {', '.join(lacking)}.",
            "Boot with cgroup_enable=memory swapaccount=1, or mount the missing controllers.",
        )  # fmt: skip
    for place in sorted(set(places.values())):
        group = place / f"lab-doctor-{os.getpid()}"
        try:
            group.mkdir()
            group.rmdir()
        except OSError as error:
            return Point(
                "cgroups", "fail", f"No cgroup can be made in {place} ({error.strerror}).",
                NESTED,
            )  # fmt: skip
    return Point("cgroups", "ok", f"cgroup {kind} with {', '.join(sorted(places))}.")


def cgroup_places() -> tuple[str, dict[str, Path]]:
    """`v2`, `v1` or `hybrid`, and for each usable controller the folder of its root."""
    unified = CGROUPS / "cgroup.controllers"
    if unified.exists():
        return "v2", dict.fromkeys(unified.read_text().split(), CGROUPS)
    places = {}
    mixed = False
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, point, kind, options, *_ = line.split()
        if kind == "cgroup2":
            mixed = True
        if kind == "cgroup":
            for option in options.split(","):
                if option in {*CONTROLLERS, "cpuset", "freezer", "devices", "blkio", "io"}:
                    places[option] = Path(point)
    return ("hybrid" if mixed else "v1"), places


def nftables() -> Point:
    """Loads a table like the lab's into a network namespace of its own."""
    if not program("nft"):
        return untried("nftables", "nftables")
    ok, said = tried(["unshare", "--net", "--", "nft", "-f", "-"], stdin=RULES)
    if ok:
        return Point("nftables", "ok", "Packet filter rules can be loaded.")
    modules = "nf_tables nft_ct nft_chain_nat nft_masq nft_connlimit nft_reject_inet"
    mend = NESTED if said.startswith("unshare") else f"Load the kernel's modules with: modprobe -a {modules}."
    return Point("nftables", "fail", f"Packet filter rules cannot be loaded ({said}).", mend)


def seccomp() -> Point:
    known = (sysctl("kernel.seccomp.actions_avail") or "").split()
    if {"errno", "allow"} <= set(known):
        return Point("seccomp", "ok", "System calls can be filtered.")
    return Point(
        "seccomp", "fail", "This kernel cannot filter system calls.",
        "Use a kernel built with CONFIG_SECCOMP_FILTER, as Debian's and Ubuntu's are.",
    )  # fmt: skip


def tun() -> Point:
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return Point(
            "/dev/net/tun", "warn", f"/dev/net/tun cannot be opened ({error.strerror}).",
            "Load the driver with: modprobe tun; without it rootless networking inside a sandbox does not work.",
        )  # fmt: skip
    return Point("/dev/net/tun", "ok", "/dev/net/tun can be opened.")


def apparmor() -> Point:
    try:
        enabled = Path("/sys/module/apparmor/parameters/enabled").read_text().strip() == "Y"
    except OSError:
        enabled = False
    if not enabled:
        return Point("AppArmor", "ok", "AppArmor is off.")
    if sysctl("kernel.apparmor_restrict_unprivileged_userns") == "1":
        return Point(
            "AppArmor", "warn", "AppArmor restricts the user namespaces of plain users.",
            "If a lesson's unshare is refused: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0.",
        )  # fmt: skip
    return Point("AppArmor", "ok", "AppArmor is on; sandboxes run unconfined by it.")


def program(name: str) -> str | None:
    """Where a program lies, also one that is only for root."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def untried(name: str, package: str) -> Point:
    """The point of a probe that takes a package which is not there yet."""
    return Point(
        name, "warn", f"Not tried, because {package} is not installed yet.",
        f"Nothing needs to be done: make up installs {package}.",
    )  # fmt: skip


def existing(folder: Path) -> Path:
    """The folder itself, or the nearest above it that exists."""
    while not folder.is_dir():
        folder = folder.parent
    return folder
