"""Limits and freezing by cgroups, version 1 (one hierarchy per controller) or 2 (one for all).

Each sandbox has `lab/<tag>/<key>`, which holds the limits and stays root's, and below it `box`,
which is handed over to the sandbox's root. Source: the kernel's cgroup-v1 and cgroup-v2 documents.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from itertools import islice
from pathlib import Path

from sandbox.drivers.base import Spec
from sandbox.drivers.namespace import cgroup_tree as tree
from sandbox.errors import SandboxError

ROOT = Path("/sys/fs/cgroup")
BOX = "box"
V2_CONTROLLERS = ("cpu", "cpuset", "io", "memory", "pids")
V2_HANDED_OVER = ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads", "memory.oom.group")
DEPTH = 64
DESCENDANTS = 2000
"""Cgroups that one sandbox may make: the host has 65,535 of them for everybody. Version 2 refuses more by
itself; on version 1 somebody has to count."""
DEADLINE = 10.0
TO_START = 40
"""Processes and threads that it takes to start a program inside, by runc."""
KEPT_MEMORY = 512 << 20
"""Bytes that sandboxes leave to the host, all together; a tenth of the memory where that is more."""


def is_v2() -> bool:
    """Whether this host has one unified hierarchy with all controllers."""
    return (ROOT / "cgroup.controllers").exists()


class Cgroup:
    """The cgroups of one sandbox. `name` is relative to the root of a hierarchy."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def box(self) -> str:
        """What runc is told: an absolute path in every hierarchy."""
        return f"/{self.name}/{BOX}"

    def folders(self) -> list[Path]:
        """The sandbox's folder in each hierarchy of this host."""
        return [root / self.name for root in hierarchies()]

    def folder(self, controller: str) -> Path:
        return ROOT / self.name if is_v2() else ROOT / controller / self.name

    def make(self, spec: Spec, owner: int) -> None:
        """Create, limit and hand over. `owner` is the host's id of root inside. Raises OSError."""
        for folder in self.folders():
            _make_with_parents(folder)
            if not is_v2():
                _copy_cpuset(folder)
        self._limit(spec)
        for folder in self.folders():
            box = folder / BOX
            box.mkdir(exist_ok=True)
            if not is_v2():
                _copy_cpuset(box, parents=False)
            os.chown(box, owner, owner)
            for name in (*V2_HANDED_OVER, "tasks"):
                with suppress(FileNotFoundError):
                    os.chown(box / name, owner, owner)

    def _limit(self, spec: Spec) -> None:
        shares = max(2, int(1024 * spec.cpus))
        if is_v2():
            folder = ROOT / self.name
            (folder / "memory.max").write_text(str(spec.memory))
            _write_if_there(folder / "memory.swap.max", "0")
            (folder / "pids.max").write_text(str(spec.pids))
            _write_if_there(folder / "cpu.weight", str(min(10_000, max(1, int(100 * spec.cpus)))))
            (folder / "cgroup.max.depth").write_text(str(DEPTH))
            (folder / "cgroup.max.descendants").write_text(str(DESCENDANTS))
            return
        (ROOT / "memory" / self.name / "memory.limit_in_bytes").write_text(str(spec.memory))
        _write_if_there(ROOT / "memory" / self.name / "memory.memsw.limit_in_bytes", str(spec.memory))
        (ROOT / "pids" / self.name / "pids.max").write_text(str(spec.pids))
        _write_if_there(ROOT / "cpu" / self.name / "cpu.shares", str(shares))

    def freeze(self) -> None:
        """Stop all processes; returns once they are. Raises SandboxError when they do not within 10 s."""
        if is_v2():
            (ROOT / self.name / "cgroup.freeze").write_text("1")
        else:
            (ROOT / "freezer" / self.name / "freezer.state").write_text("FROZEN")
        deadline = time.monotonic() + DEADLINE
        while not self._settled_frozen():
            if time.monotonic() > deadline:
                self.thaw()
                raise SandboxError("The sandbox could not be put to sleep; it goes on running.")
            time.sleep(0.002)

    def thaw(self) -> None:
        if is_v2():
            _write_if_there(ROOT / self.name / "cgroup.freeze", "0")
        else:
            _write_if_there(ROOT / "freezer" / self.name / "freezer.state", "THAWED")

    def _thaw_all(self) -> None:
        """Thaw what was frozen inside, too (`docker pause`): on version 1 frozen processes do not die."""
        self.thaw()
        if not is_v2():
            for descriptor in tree.walk(ROOT / "freezer" / self.name):
                tree.write(descriptor, "freezer.state", "THAWED")

    def frozen(self) -> bool:
        """Whether it was told to freeze."""
        try:
            if is_v2():
                return (ROOT / self.name / "cgroup.freeze").read_text().strip() == "1"
            return (ROOT / "freezer" / self.name / "freezer.state").read_text().strip() != "THAWED"
        except FileNotFoundError:
            return False

    def _settled_frozen(self) -> bool:
        if is_v2():
            return "frozen 1" in (ROOT / self.name / "cgroup.events").read_text()
        return (ROOT / "freezer" / self.name / "freezer.state").read_text().strip() == "FROZEN"

    def processes(self) -> set[int]:
        """Host pids of everything inside."""
        found: set[int] = set()
        for descriptor in tree.walk(self.folder("pids")):
            found.update(int(pid) for pid in tree.read(descriptor, "cgroup.procs").split())
        return found

    def kill(self) -> None:
        """End every process inside; returns once none is left. Raises SandboxError after 10 s."""
        deadline = time.monotonic() + DEADLINE
        while True:
            self._thaw_all()
            if is_v2():
                _write_if_there(ROOT / self.name / "cgroup.kill", "1")
            left = self.processes()
            if not left:
                return
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if time.monotonic() > deadline:
                raise SandboxError(
                    "The sandbox's processes could not be ended.", detail=f"pids {sorted(left)}"
                )
            time.sleep(0.005)

    def remove(self) -> None:
        """Remove the (empty) cgroups from the leaves up. Nothing there is fine."""
        for base in self.folders():
            tree.remove(base, time.monotonic() + DEADLINE)

    def descendants(self) -> int:
        """How many cgroups the sandbox has made, in the hierarchy with the most; counted up to the limit."""
        counts = [sum(1 for _ in islice(tree.walk(folder), DESCENDANTS + 10)) for folder in self.folders()]
        return max(counts, default=1) - 1  # without the sandbox's own

    def memory_used(self) -> int:
        name = "memory.current" if is_v2() else "memory.usage_in_bytes"
        return int((self.folder("memory") / name).read_text())

    def cpu_seconds(self) -> float:
        if is_v2():
            line = (ROOT / self.name / "cpu.stat").read_text().splitlines()[0]
            return int(line.split()[1]) / 1e6
        return int((self.folder("cpuacct") / "cpuacct.usage").read_text()) / 1e9

    def pids(self) -> int:
        return int((self.folder("pids") / "pids.current").read_text())

    def crowded(self) -> bool:
        """Whether there are too many processes for another program to be started. False when it is gone."""
        with suppress(OSError, ValueError):  # the limit may be the word max
            return self.pids() + TO_START > int((self.folder("pids") / "pids.max").read_text())
        return False


def limit_all(name: str) -> None:
    """Keep some of the machine's memory and process numbers for everything that is no sandbox."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    memory = str(total - max(KEPT_MEMORY, total // 10))
    pids = str(int(Path("/proc/sys/kernel/pid_max").read_text()) * 3 // 4)
    for root in hierarchies():
        folder = root / name
        _make_with_parents(folder)
        for file, value in (
            ("memory.max", memory),
            ("memory.limit_in_bytes", memory),
            ("pids.max", pids),
        ):
            _write_if_there(folder / file, value)


def remove_parent(name: str) -> None:
    """Remove a lab's own (empty) cgroups, and `lab` when no other lab uses it."""
    for root in hierarchies():
        for folder in (root / name, (root / name).parent):
            with suppress(OSError):
                folder.rmdir()


def hierarchies() -> list[Path]:
    """Where each cgroup hierarchy of this host is mounted."""
    if is_v2():
        return [ROOT]
    return sorted(
        path.resolve()
        for path in ROOT.iterdir()
        if (path / "cgroup.procs").exists() and not path.is_symlink()
    )


def _make_with_parents(folder: Path) -> None:
    """Create a cgroup; on version 2 with the controllers enabled on the way down."""
    root = next(root for root in hierarchies() if folder.is_relative_to(root))
    here = root
    for part in folder.relative_to(root).parts:
        if is_v2():
            _enable_controllers(here)
        here = here / part
        here.mkdir(exist_ok=True)
        if not is_v2():
            _copy_cpuset(here, parents=False)
    if is_v2():
        _enable_controllers(here)


def _enable_controllers(folder: Path) -> None:
    there = (folder / "cgroup.controllers").read_text().split()
    wanted = " ".join(f"+{name}" for name in V2_CONTROLLERS if name in there)
    (folder / "cgroup.subtree_control").write_text(wanted)


def _copy_cpuset(folder: Path, *, parents: bool = True) -> None:
    """A cpuset of version 1 starts empty and accepts no process until it is filled."""
    if not (folder / "cpuset.cpus").exists():
        return
    if parents and folder.parent != ROOT / "cpuset":
        _copy_cpuset(folder.parent)
    for name in ("cpuset.cpus", "cpuset.mems"):
        if not (folder / name).read_text().strip() and (folder.parent / name).exists():
            (folder / name).write_text((folder.parent / name).read_text())


def _write_if_there(path: Path, text: str) -> None:
    if path.exists():  # to open what is not there for writing would be to create it, which cgroupfs forbids
        path.write_text(text)
