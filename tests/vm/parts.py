"""Builds what the test machine is made of, through set-up's own store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab.paths import Paths
from lab.setup.errors import SetupError
from lab.setup.machine import open_log
from lab.setup.parts import Part
from lab.setup.store import Store
from lab.setup.tools import uv_part
from tests.vm.disks import TreeDisk
from tests.vm.recipe import Machine
from tests.vm.venv import GuestVenv


@dataclass(frozen=True)
class Disks:
    """The machine's kernel and root disk, and the disks it needs besides: part name to image."""

    kernel: Path
    root: Path
    parts: dict[str, Path]


def build_disks(paths: Paths, say: Callable[[str], None]) -> Disks:
    """All disks, built where their recipe changed. Raises SetupError, naming the log.

    What sandboxes are made of is what set-up built in this data folder; there may be nothing for Kubernetes.
    """
    store = Store(paths)
    trees = {name: store.current(name) for name in ("rootfs", "images")}
    if tools := store.current("tools"):
        trees["tools"] = tools

    def ensure(part: Part) -> Path:
        if not store.address(part).exists():
            say(f"building: {part.title}")
        log = open_log(paths.log, part.name)
        with log.open("a") as out:
            store.ensure(part, lambda done, total, note: None, out)
        store.switch(part)
        store.prune(part.name)
        return store.address(part)

    machine = ensure(Machine())
    uv = store.current("uv") or ensure(uv_part(paths.store))
    parts = {"venv": ensure(GuestVenv(uv / "bin" / "uv", machine)) / "disk.raw"}
    for name, tree in trees.items():
        if tree is None:
            raise SetupError(f"{paths.current / name} is missing: run `make test`, which builds it first.")
        parts[name] = ensure(TreeDisk(name, tree)) / "disk.raw"
    return Disks(kernel=machine / "vmlinuz", root=machine / "disk.raw", parts=parts)
