"""Root filesystems from Debian packages, by mmdebstrap. Needs root. Standard library only.

Where mmdebstrap fails (no mirror, no room), subprocess.CalledProcessError is raised and the log says why.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from sandbox.errors import SandboxError

MIRROR_VARIABLE = "LAB_DEBIAN_MIRROR"
"""Names the mirror to take packages from instead of mmdebstrap's own choice."""

_LEFT_OUT = ("doc", "groff", "info", "lintian", "locale", "man")
_SETTINGS = (
    *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _LEFT_OUT),
    "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    '--aptopt=Acquire::Languages "none"',
)
_CLEANED = (
    # Made anew by every runtime or by the next run of the tool that owns it, or this machine's own.
    "dev/*",
    "etc/*-",
    "etc/.pwd.lock",
    "etc/apt/apt.conf.d/00mmdebstrap",
    "etc/hostname",
    "etc/resolv.conf",
    "run/*",
    "tmp/*",
    "var/cache/apt/*",
    "var/cache/debconf/*-old",
    "var/cache/ldconfig/*",
    "var/lib/apt/lists/*",
    "var/lib/dpkg/*-old",
    "var/lib/systemd/*",
)


def bootstrap(tree: Path, suite: str, packages: Sequence[str], log: TextIO) -> None:
    """Fill the new folder `tree` with a minimal Debian and `packages`."""
    include = [f"--include={','.join(packages)}"] if packages else []
    _mmdebstrap([*_SETTINGS, "--variant=minbase", *include, suite, str(tree)], tree, log)
    clean(tree)


def extend(tree: Path, below: Path, suite: str, packages: Sequence[str], log: TextIO) -> None:
    """Make `tree` a copy of the Debian in `below` and install `packages` in it."""
    subprocess.run(["cp", "-a", "--reflink=auto", str(below), str(tree)], check=True)
    options = ["--variant=custom", "--skip=check/empty", f"--include={','.join(packages)}"]
    _mmdebstrap([*options, suite, str(tree)], tree, log)
    clean(tree)


def extract(tree: Path, suite: str, packages: Sequence[str], log: TextIO) -> None:
    """Unpack `packages` alone into the new folder `tree`, without running anything of theirs."""
    options = ["--variant=extract", f"--include={','.join(packages)}"]
    _mmdebstrap([*options, suite, str(tree)], tree, log)


def version(tree: Path, source: str) -> str:
    """The upstream version of the package `source`, or what the file `source` (absolute) holds."""
    if source.startswith("/"):
        return (tree / source.lstrip("/")).read_text(encoding="utf-8").strip()
    found = _installed_version(tree, source) or _unpacked_version(tree, source)
    if not found:
        raise SandboxError(f"The package {source} is not in the image whose version it should tell.")
    without_epoch = found.rpartition(":")[2]
    upstream, _, revision = without_epoch.rpartition("-")
    return upstream or revision


def _installed_version(tree: Path, package: str) -> str | None:
    status = tree / "var/lib/dpkg/status"
    for paragraph in status.read_text(encoding="utf-8").split("\n\n") if status.exists() else ():
        fields: dict[str, str] = dict(re.findall(r"^([A-Za-z-]+): (.*)$", paragraph, re.MULTILINE))
        if fields.get("Package") == package:
            return fields["Version"]
    return None


def _unpacked_version(tree: Path, package: str) -> str | None:
    """From the head of the package's changelog: `name (version) suite; ...`."""
    changelog = tree / "usr/share/doc" / package / "changelog.Debian.gz"
    if not changelog.exists():
        return None
    with gzip.open(changelog, "rt", encoding="utf-8") as lines:
        head = re.match(r"\S+ \(([^)]+)\)", next(lines, ""))
    return head[1] if head else None


def newest_package(tree: Path) -> int:
    """When the newest package in `tree` was made, in seconds since 1970."""
    return max(int(path.stat().st_mtime) for path in (tree / "var/lib/dpkg/info").glob("*.md5sums"))


def date_passwords(tree: Path, epoch: int) -> None:
    """Cut the days in /etc/shadow to `epoch`: users made today would else make today's image another."""
    shadow = tree / "etc/shadow"
    lines = [line.split(":") for line in shadow.read_text(encoding="utf-8").splitlines()]
    for fields in lines:
        if fields[2]:
            fields[2] = str(min(int(fields[2]), epoch // 86400))
    shadow.write_text("".join(":".join(fields) + "\n" for fields in lines), encoding="utf-8")


def clean(tree: Path) -> None:
    """Remove what must not be in an image: this machine's names, caches, logs, backups."""
    for pattern in _CLEANED:
        for path in tree.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    for path in (tree / "var/log").rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.unlink()


def _mmdebstrap(arguments: list[str], tree: Path, log: TextIO) -> None:
    mirror = os.environ.get(MIRROR_VARIABLE)
    command = ["mmdebstrap", *arguments, *([mirror] if mirror else [])]
    log.write(f"$ {' '.join(command)}\n")
    log.flush()
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": str(tree.parent)}
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=True)
    except FileNotFoundError as error:
        raise SandboxError(
            "mmdebstrap is not installed; install it with: apt-get install mmdebstrap"
        ) from error
