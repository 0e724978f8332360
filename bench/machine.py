"""What this machine is, so that figures can be compared."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sandbox.drivers.namespace.cgroups import is_v2

PROGRAMS = {
    "runc": ["runc", "--version"],
    "host engine": ["dockerd", "--version"],
}
PACKAGES = ("daphne", "uvicorn", "channels", "uvloop", "terminado", "tornado", "websockets")


def facts(peers: Mapping[str, str]) -> dict[str, Any]:
    """Plain JSON: date, cores, memory, kernel, load, versions, with those of `peers`."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "processor": _field("/proc/cpuinfo", "model name"),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", ""),
        "cgroup": 2 if is_v2() else 1,
        "load": list(os.getloadavg()),
        "versions": {
            "Python": platform.python_version(),
            **{name: _version(argv) for name, argv in PROGRAMS.items()},
            **{name: version(name) for name in PACKAGES},
            **peers,
        },
    }


def sentence(found: dict[str, Any]) -> str:
    """The facts for people."""
    load = " ".join(f"{value:.1f}" for value in found["load"])
    versions = ", ".join(f"{name} {text}" for name, text in found["versions"].items())
    return (
        f"{found['date']}: {found['cores']} cores ({found['processor']}), {found['memory_gib']} GiB, "
        f"{found['system']}, kernel {found['kernel']}, cgroup v{found['cgroup']}; load {load}.\n{versions}."
    )


def _version(argv: list[str]) -> str:
    if not shutil.which(argv[0]):
        return "not installed"
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.splitlines()
    return said[0].split(",")[0].split()[-1] if said else "unknown"


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.split(":", 1)[1].strip()
    return "unknown"
