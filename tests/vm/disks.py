"""Disk images made from folders, without mounting anything."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lab.setup.commands import run
from lab.setup.parts import Report

BLOCK = 4096
SLACK = 64 << 20


def make_ext4(tree: Path, image: Path, label: str, log: TextIO, *, size: int | None = None) -> None:
    """Write a raw ext4 image that holds `tree` with its owners, modes, devices and attributes.

    `size` is the file system's size in bytes (the file is sparse); without it there is room for the
    tree and a little more. Raises SetupError.
    """
    used, entries = measure(tree)
    total = size or used + used // 8 + entries * 512 + SLACK
    what = f"The disk {label}"
    run(
        ["mkfs.ext4", "-q", "-F", "-L", label, "-d", tree.resolve(), "-m", "0",
         "-N", str(entries + max(20_000, total // 65_536)), "-E", "lazy_itable_init=1,nodiscard",
         image, f"{total // 1024}k"],
        log, what=what, where=image.parent,
    )  # fmt: skip
    # A root filesystem for sandboxes must show them nothing of the disk it came on.
    run(["debugfs", "-w", "-R", "rmdir lost+found", image], log, what=what, where=image.parent)


def measure(tree: Path) -> tuple[int, int]:
    """Bytes on whole blocks and number of entries of a folder."""
    used = entries = 0
    for folder, names, files in os.walk(tree.resolve()):
        for entry in [*names, *files]:
            about = Path(folder, entry).lstat()
            entries += 1
            if stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode):
                used += -(-max(about.st_size, 1) // BLOCK) * BLOCK
    return used, entries


@dataclass(frozen=True)
class TreeDisk:
    """A set-up part: the disk, labelled `lab-<of>`, of another part's folder in the store."""

    of: str
    tree: Path

    @property
    def name(self) -> str:
        return f"vm-{self.of}"

    @property
    def title(self) -> str:
        return f"Test machine's disk with {self.of}"

    def inputs(self) -> Iterable[bytes]:
        yield self.tree.resolve().name.encode()  # the store's name says what is in it
        yield Path(__file__).read_bytes()

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        report(0, 0, "")
        make_ext4(self.tree, dest / "disk.raw", f"lab-{self.of}", log)
