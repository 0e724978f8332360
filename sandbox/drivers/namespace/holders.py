"""Which labs of this host hold changed settings of its kernel, and what those were before the first of them.

One folder below /run for all labs, so that it ends with the kernel whose settings it tells of. The lock on
it is the kernel's and dies with its holder; the folder is gone when nobody holds anything.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab.paths import Paths

FOLDER = Path("/run/docker-run-kubectl-apply")
FILE = "kernel-settings.json"


@dataclass
class Holder:
    """One lab. `pid` and `started` (clock ticks since boot) name its sandboxd, `settings` what it needs."""

    data: str
    pid: int
    started: int
    settings: dict[str, int]


@dataclass
class Record:
    """`before`: by name of a setting, its value before any lab changed it; `holders`: by a lab's tag."""

    before: dict[str, int] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Record:
        """What is noted now; nothing, where no lab holds anything."""
        try:
            found = json.loads((FOLDER / FILE).read_text())
            holders = {tag: Holder(**about) for tag, about in found["holders"].items()}
            return cls(dict(found["before"]), holders)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def write(self) -> None:
        """Call with `locked` held."""
        file = FOLDER / FILE
        if not self.before and not self.holders:
            file.unlink(missing_ok=True)
            return
        fresh = file.with_suffix(".new")
        text: dict[str, Any] = asdict(self)
        fresh.write_text(json.dumps(text))
        fresh.rename(file)

    def drop_the_dead(self) -> None:
        """Forget labs of which nothing runs any more."""
        self.holders = {tag: holder for tag, holder in self.holders.items() if alive(holder)}


def alive(holder: Holder) -> bool:
    """Whether the lab's data folder is there, and its sandboxd or one of its sandboxes runs."""
    from sandbox.drivers.namespace.state import Register, start_time

    if not Path(holder.data).is_dir():
        return False
    if holder.pid > 0 and start_time(holder.pid) == holder.started:
        return True
    register = Register(Paths(Path(holder.data)).sandboxes)
    states = (register.folder(key).read() for key in register)
    return any(state is not None and state.alive() for state in states)


@contextmanager
def locked() -> Iterator[None]:
    """The record to oneself, among all labs of this host."""
    descriptor = _lock()
    try:
        yield
    finally:
        with suppress(OSError):  # some lab still holds settings
            FOLDER.rmdir()
        os.close(descriptor)


def _lock() -> int:
    """A descriptor of the folder with the lock on it: of the folder that is there, not one just removed."""
    while True:
        FOLDER.mkdir(mode=0o755, exist_ok=True)
        try:
            descriptor = os.open(FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), FOLDER.stat()):
                return descriptor
        os.close(descriptor)
