"""Probes of what the machine has: memory, disk, port, packages, Python, inotify."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from lab.paths import Paths
from lab.setup import host
from lab.setup.address import Address
from lab.setup.commands import clean_environment
from lab.setup.control import Supervisor
from lab.setup.errors import SetupError
from lab.setup.interpreter import OLDEST, SYSTEM, fetched_python, version
from lab.setup.isolation import existing
from lab.setup.probes import GIB, Point, sysctl, tried
from lab.setup.store import Store
from lab.setup.tools import uv_part

RESERVE = 2048
"""LAB_DISK_RESERVE by default, in MiB."""
EACH = 0.5
"""GiB of disk that a new sandbox needs."""


def memory() -> Point:
    lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    total = int(lines["MemTotal"].split()[0]) * 1024 / GIB
    free = int(lines["MemAvailable"].split()[0]) * 1024 / GIB
    found = f"{total:.1f} GiB of memory, {free:.1f} of it free."
    if total < 1.5:
        return Point("memory", "fail", found, "A lab with one sandbox takes 2 GiB; use a larger machine.")
    if free < 1.5:
        return Point("memory", "warn", found, "Each sandbox takes about 0.3 GiB; end other programs.")
    return Point("memory", "ok", found)


def disk(data: Path) -> Point:
    free = shutil.disk_usage(existing(data)).free / GIB
    found = f"{free:.1f} GiB are free where {data} lies."
    mend = "Free some space, or choose another folder with LAB_DATA."
    if free < 5:
        return Point("disk", "fail", found, f"At least 5 GiB are needed. {mend}")
    return Point("disk", "warn" if free < 10 else "ok", found, mend if free < 10 else "")


def disk_reserve(data: Path) -> Point:
    """Whether sandboxes have room beside what they leave free."""
    reserve = int(os.environ.get("LAB_DISK_RESERVE") or RESERVE) / 1024
    free = shutil.disk_usage(existing(data)).free / GIB
    found = f"{max(0.0, free - reserve):.1f} GiB are for sandboxes; {reserve:g} GiB are kept free."
    if free - reserve < EACH:
        mend = "Free some space: each sandbox needs 0.5 GiB. LAB_DISK_RESERVE sets, in MiB, what is kept."
        return Point("disk reserve", "warn", found, mend)
    return Point("disk reserve", "ok", found)


def port(paths: Paths) -> Point:
    try:
        address = Address.from_env()
        running = Supervisor(paths).running_from()
        if (running.get("host"), running.get("port")) == (address.host, address.port):
            return Point("port", "ok", f"The lab answers on port {address.port}.")
        address.check_free()
    except SetupError as error:
        return _taken("port", error)
    return Point("port", "ok", f"Port {address.port} on {address.host} is free.")


def preview_port(paths: Paths) -> Point:
    """Where the preview process listens, or will."""
    try:
        address = Address.from_env()
        running = Supervisor(paths).running_from()
        if (running.get("host"), running.get("preview")) == (address.host, address.previews.port):
            return Point("preview port", "ok", f"Previews answer on port {address.previews.port}.")
        address.previews.check_free("LAB_PREVIEW_PORT")
    except SetupError as error:
        return _taken("preview port", error)
    return Point("preview port", "ok", f"Port {address.previews.port} on {address.host} is free.")


def _taken(name: str, error: SetupError) -> Point:
    found, _, mend = error.message.partition("; ")
    return Point(name, "fail", f"{found}.", mend[:1].upper() + mend[1:])


def packages() -> Point:
    try:
        left = host.missing()
    except SetupError as error:
        return Point("packages", "fail", "This machine has no apt.", error.message)
    if left:
        return Point(
            "packages",
            "warn",
            f"Not installed yet: {', '.join(left)}.",
            "Nothing needs to be done: make up installs them.",
        )
    return Point("packages", "ok", "All packages of this machine are installed.")


def python(paths: Paths) -> Point:
    found = version(SYSTEM)
    if found and found >= OLDEST:
        return Point("python", "ok", f"The system's Python is {found[0]}.{found[1]}.")
    own = fetched_python(paths)
    if own:
        return Point("python", "ok", f"The lab runs on a Python of its own, {own}.")
    is_now = f"The system's Python is {found[0]}.{found[1]}" if found else f"There is no Python at {SYSTEM}"
    return Point(
        "python", "warn", f"{is_now}, and the lab needs 3.11 or newer.",
        "Nothing needs to be done where github.com can be reached: make up fetches a newer one from there.",
    )  # fmt: skip


def package_index(paths: Paths) -> Point:
    """Asks the Python package index for one package, within seconds."""
    tools = Store(paths).address(uv_part(paths.store)) / "bin" / "python"
    asker = tools if tools.exists() else SYSTEM
    if not tried([asker, "-m", "pip", "--version"])[0]:
        return Point(
            "package index",
            "warn",
            "Not asked, because pip is not installed yet.",
            "Nothing needs to be done: make up installs it, and says if the index does not answer.",
        )
    asked = subprocess.run(
        [asker, "-m", "pip", "--retries=0", "--timeout=5", "index", "versions", "uv"],
        capture_output=True, text=True, check=False, timeout=60,
        env=clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1"),
    )  # fmt: skip
    if asked.returncode == 0:
        return Point("package index", "ok", "The Python package index answers.")
    return Point(
        "package index", "warn", "The Python package index does not answer.",
        "Check the network and the proxy settings; what is built already goes on working.",
    )  # fmt: skip


def inotify() -> Point:
    instances = int(sysctl("fs.inotify.max_user_instances") or 0)
    watches = int(sysctl("fs.inotify.max_user_watches") or 0)
    found = f"inotify allows {instances} instances and {watches} watches per user."
    if instances >= 1024 or os.access("/proc/sys/fs/inotify/max_user_instances", os.W_OK):
        raised = "" if instances >= 1024 else " The lab raises that while it runs."
        return Point("inotify", "ok", found + raised)
    return Point("inotify", "warn", found, "Raise it with: sysctl -w fs.inotify.max_user_instances=8192.")
