"""Settings of the host's kernel that sandboxes need. All labs of a host share them: the first one's start notes
what was there, and the last one's end puts it back."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from lab.paths import Paths
from sandbox.drivers.namespace.holders import Holder, Record, locked

ROOT = Path("/proc/sys")

AT_LEAST = {
    "fs.inotify.max_user_instances": 65536,
    "fs.inotify.max_user_watches": 1048576,
    "kernel.pty.max": 65536,
}
"""Shared by all sandboxes of a host. Every inotify instance and watch counts for the host's root too, so that
this is enough for 128 sandboxes that take all that `limits` leaves them."""
EXACTLY = {"kernel.io_uring_disabled": 2, "kernel.kptr_restrict": 2}
FORWARD = {"net.ipv4.ip_forward": 1}
"""Only where sandboxes may reach the internet."""


def hold(paths: Paths, internet: bool) -> None:
    """Set what differs, for as long as this process or a sandbox of its lab lives; again: instead of what was
    held. A setting that this kernel lacks is passed over."""
    from sandbox.drivers.namespace.state import start_time

    wanted = {**AT_LEAST, **EXACTLY, **(FORWARD if internet else {})}
    with locked():
        record = Record.read()
        record.drop_the_dead()
        settings = {name: value for name, value in wanted.items() if _read(name) is not None}
        pid = os.getpid()
        record.holders[paths.tag] = Holder(str(paths.data.resolve()), pid, start_time(pid), settings)
        _restore(record)
        for name, value in settings.items():
            now = _read(name)
            if now is None or now == value or (name in AT_LEAST and now > value):
                continue
            record.before.setdefault(name, now)
            record.write()
            _write(name, value)
        record.write()


def release(paths: Paths) -> None:
    """Put back what no other lab that lives still needs."""
    with locked():
        record = Record.read()
        record.holders.pop(paths.tag, None)
        record.drop_the_dead()
        _restore(record)
        record.write()


def _restore(record: Record) -> None:
    """Put back what nobody holds, unless somebody else has changed it since."""
    ours = {**AT_LEAST, **EXACTLY, **FORWARD}
    held = {name for holder in record.holders.values() for name in holder.settings}
    for name in set(record.before) - held:
        before = record.before.pop(name)
        if _read(name) == ours.get(name):
            _write(name, before)


def _path(name: str) -> Path:
    return ROOT / name.replace(".", "/")


def _read(name: str) -> int | None:
    try:
        return int(_path(name).read_text())
    except (OSError, ValueError):
        return None


def _write(name: str, value: int) -> None:
    with suppress(OSError):
        _path(name).write_text(str(value))
