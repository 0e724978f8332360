"""Questions to this machine, each answered by trying it. Nothing is left behind."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_KERNEL = (5, 19)
GIB = 1024**3


@dataclass(frozen=True)
class Point:
    """One line of the doctor's report: `state` is ok, warn or fail; `mend` is empty when ok."""

    name: str
    state: str
    found: str
    mend: str = ""


def tried(argv: Sequence[str | Path], *, stdin: str = "", seconds: float = 20) -> tuple[bool, str]:
    """Whether a program ended well, and the first line of what it said."""
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, str(error)
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return done.returncode == 0, lines[0] if lines else ""


def sysctl(name: str) -> str | None:
    """A sysctl's value; None where the kernel has none of this name."""
    try:
        return (Path("/proc/sys") / name.replace(".", "/")).read_text().strip()
    except OSError:
        return None


def root() -> Point:
    if os.geteuid() == 0:
        return Point("root", "ok", "This is root.")
    return Point("root", "fail", "This is not root.", "Run it by sudo: sudo make doctor, sudo make up.")


def kernel() -> Point:
    release = platform.release()
    found = re.match(r"(\d+)\.(\d+)", release)
    if found and (int(found[1]), int(found[2])) >= OLDEST_KERNEL:
        return Point("kernel", "ok", f"The kernel is {release}.")
    return Point(
        "kernel", "fail", f"The kernel is {release}, and sandboxes need 5.19 or newer.",
        "Use Debian 12, Ubuntu 24.04 or newer, or install a newer kernel.",
    )  # fmt: skip


def user_namespaces() -> Point:
    """Makes one, with an id range mapped by root, as a sandbox has it."""
    script = (
        "import ctypes,os,sys\n"
        "libc=ctypes.CDLL(None,use_errno=True)\n"
        "sys.exit(ctypes.get_errno() if libc.unshare(0x10000000) else 0)\n"
    )
    ok, said = tried([sys.executable, "-c", script])
    if ok:
        return Point("user namespaces", "ok", "User namespaces can be made.")
    if sysctl("user.max_user_namespaces") == "0":
        return Point(
            "user namespaces", "fail", "User namespaces are switched off.",
            "Allow them with: sysctl -w user.max_user_namespaces=65536.",
        )  # fmt: skip
    if sysctl("user.max_user_namespaces") is None:
        return Point(
            "user namespaces", "fail", "This kernel has no user namespaces.",
            "Use a kernel built with CONFIG_USER_NS, as Debian's and Ubuntu's are.",
        )  # fmt: skip
    return Point(
        "user namespaces", "fail", f"User namespaces cannot be made ({said or 'refused'}).",
        "Run the lab on the host itself or in a virtual machine, not in a container or a chroot.",
    )  # fmt: skip
