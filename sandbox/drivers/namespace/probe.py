"""Whether this machine can make namespace sandboxes, found out by looking, not by asking for a version."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from lab.paths import Paths
from sandbox.drivers.base import DriverInfo
from sandbox.drivers.namespace import mounts
from sandbox.drivers.namespace.cgroups import ROOT, is_v2

KERNEL = (5, 19)
TOOLS = ("runc", "nft", "ip", "nsenter", "mkfs.ext4", "mount", "losetup")
ENFORCES = ("memory", "pids", "cpu", "disk", "inodes", "network")


def info(name: str, paths: Paths) -> DriverInfo:
    """What `Driver.info` answers."""
    problem = _problem(paths)
    return DriverInfo(
        name=name, available=not problem, problem=problem, enforces=ENFORCES, versions=_versions()
    )


def _problem(paths: Paths) -> str:
    """The first thing that stands in the way, with its mend; empty when nothing does."""
    if os.geteuid() != 0:
        return "Sandboxes need root; run `make up` as root."
    found = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
    if found < KERNEL:
        return f"The kernel {platform.release()} is too old; install 5.19 or newer and reboot."
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"{', '.join(missing)} is not installed; run `make up`, which installs it."
    try:
        with mounts.user_namespace(1 << 31, 65536):
            pass
    except OSError:
        return "User namespaces are switched off; set user.max_user_namespaces to 10000 with sysctl."
    if not is_v2() and not (ROOT / "memory").is_dir():
        return "No cgroup with a memory controller is mounted at /sys/fs/cgroup; boot with cgroup v2."
    if not paths.rootfs.is_dir():
        return "The sandboxes' root filesystem is not built yet; run `make up`."
    return ""


def _versions() -> dict[str, str]:
    versions = {"kernel": platform.release(), "cgroup": "2" if is_v2() else "1"}
    if shutil.which("runc"):
        shown = subprocess.run(["runc", "--version"], capture_output=True, text=True, check=False, timeout=10)
        versions["runc"] = shown.stdout.split("\n")[0].removeprefix("runc version ")
    release = distribution()
    if release:
        versions["system"] = release
    return versions


def distribution() -> str:
    """The host's distribution, as it calls itself."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return ""
    match = re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.MULTILINE)
    return match.group(1) if match else ""
