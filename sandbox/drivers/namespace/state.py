"""What sandboxd remembers of each sandbox: one folder with one state file, root's alone.

It outlives sandboxd, so that sandboxes are adopted again, and it does not outlive the sandbox.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox.drivers.namespace.names import INDEXES
from sandbox.errors import Reason, SandboxError

EXITING = 0x4
"""The kernel's PF_EXITING among a process's flags."""
KEY = re.compile(r"[a-z0-9][a-z0-9-]{2,38}[a-z0-9]")


@dataclass(frozen=True)
class State:
    """`pid` and `started` (clock ticks since boot) name the first process; both 0 until it exists."""

    key: str
    index: int
    profile: str
    pid: int = 0
    started: int = 0

    def alive(self) -> bool:
        """Whether the first process still runs, and is not another that got its pid."""
        return self.pid > 0 and start_time(self.pid) == self.started


@dataclass(frozen=True)
class Folder:
    """Where things of one sandbox lie."""

    path: Path

    @property
    def image(self) -> Path:
        return self.path / "disk.img"

    @property
    def disk(self) -> Path:
        return self.path / "disk"

    @property
    def lower(self) -> Path:
        return self.path / "lower"

    @property
    def tools(self) -> Path:
        return self.path / "tools"

    @property
    def root(self) -> Path:
        return self.path / "root"

    @property
    def bundle(self) -> Path:
        return self.path / "bundle"

    @property
    def state_file(self) -> Path:
        return self.path / "state.json"

    def read(self) -> State | None:
        """The remembered state; None when there is none, or a crash cut it short."""
        try:
            return State(**json.loads(self.state_file.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, state: State) -> None:
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(state)))
        fresh.rename(self.state_file)


class Register:
    """All sandboxes of one lab, by key. Not safe against concurrent reservations: the driver locks."""

    def __init__(self, base: Path) -> None:
        self.base = base

    def folder(self, key: str) -> Folder:
        """Raises SandboxError (INVALID) for what cannot be a key, so that no path is ever made of it."""
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise SandboxError("That is not a sandbox key.", reason=Reason.INVALID, detail=repr(key)[:80])
        return Folder(self.base / key)

    def __iter__(self) -> Iterator[str]:
        """The keys there are now, in no order."""
        with suppress(FileNotFoundError):
            yield from [path.name for path in self.base.iterdir() if KEY.fullmatch(path.name)]

    def reserve(self, key: str, profile: str) -> State:
        """A new folder with the lowest free index. Raises SandboxError (CAPACITY) when none is free."""
        self.base.mkdir(mode=0o711, exist_ok=True)
        states = [self.folder(other).read() for other in self]
        taken = {state.index for state in states if state}
        free = next((index for index in INDEXES if index not in taken), None)
        if free is None:
            raise SandboxError("This lab has no address left for another sandbox.", reason=Reason.CAPACITY)
        folder = self.folder(key)
        folder.path.mkdir(mode=0o711)
        state = State(key=key, index=free, profile=profile)
        folder.write(state)
        return state


def start_time(pid: int) -> int:
    """When a process started, in clock ticks since boot; -1 when there is none, or it has ended or is just ending.

    The first process of a PID namespace stays in its end until all others of that namespace have been waited for.
    """
    fields = _stat(pid)
    over = not fields or fields[0] in "ZX" or int(fields[6]) & EXITING
    return -1 if over else int(fields[19])


def raw_start_time(pid: int) -> int:
    """The same for a zombie too; -1 only when there is no such process at all."""
    fields = _stat(pid)
    return int(fields[19]) if fields else -1


def is_zombie_of(pid: int, parent: int) -> bool:
    """Whether a process is a child of `parent` that has ended and is yet to be waited for."""
    return _stat(pid)[:2] == ["Z", str(parent)]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; empty when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()
