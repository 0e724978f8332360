"""Settings of the host's kernel that sandboxes need, remembered so that they can be put back."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from lab.paths import Paths

AT_LEAST = {
    "fs.inotify.max_user_instances": 65536,
    "fs.inotify.max_user_watches": 1048576,
    "kernel.pty.max": 65536,
}
"""Shared by all sandboxes of a host."""
EXACTLY = {"kernel.io_uring_disabled": 2, "kernel.kptr_restrict": 2}
FORWARD = {"net.ipv4.ip_forward": 1}
"""Only where sandboxes may reach the internet."""


def raise_limits(paths: Paths, internet: bool) -> None:
    """Set what differs, noting first what was there. A setting that this kernel lacks is passed over."""
    wanted = {**AT_LEAST, **EXACTLY, **(FORWARD if internet else {})}
    before = _remembered(paths)
    for name, value in wanted.items():
        now = _read(name)
        if now is None or now == value or (name in AT_LEAST and now > value):
            continue
        before.setdefault(name, now)
        _file(paths).write_text(json.dumps(before))
        with suppress(OSError):
            _path(name).write_text(str(value))


def restore(paths: Paths) -> None:
    """Put back what was there before, unless somebody else has changed it since."""
    wanted = {**AT_LEAST, **EXACTLY, **FORWARD}
    for name, value in _remembered(paths).items():
        if name in wanted and _read(name) == wanted[name]:
            with suppress(OSError):
                _path(name).write_text(str(value))
    _file(paths).unlink(missing_ok=True)


def _file(paths: Paths) -> Path:
    return paths.data / "sysctls.json"


def _remembered(paths: Paths) -> dict[str, int]:
    try:
        return dict(json.loads(_file(paths).read_text()))
    except (OSError, ValueError):
        return {}


def _path(name: str) -> Path:
    return Path("/proc/sys") / name.replace(".", "/")


def _read(name: str) -> int | None:
    try:
        return int(_path(name).read_text())
    except (OSError, ValueError):
        return None
