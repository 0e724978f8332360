"""The content-addressed store: each part is built once for what decides it, and never changed."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from lab.paths import Paths
from lab.setup.errors import SetupError, full, is_full, too_little
from lab.setup.parts import Part, Report, space


class Store:
    """Folders `<part>-<12 hex digits>` that are complete once they exist, and the links to them."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.root = paths.store

    def address(self, part: Part) -> Path:
        """Where the part's result lies, or will lie, for its present inputs."""
        digest = hashlib.sha256()
        for piece in (part.name.encode(), *part.inputs()):
            digest.update(len(piece).to_bytes(8, "big"))
            digest.update(piece)
        return self.root / f"{part.name}-{digest.hexdigest()[:12]}"

    def current(self, name: str) -> Path | None:
        """The entry that is in use under this name, if any."""
        link = self.paths.current / name
        return link.resolve() if link.exists() else None

    def ensure(self, part: Part, report: Report, log: TextIO) -> bool:
        """Build the part unless it is there; whether it was built now.

        Safe against another set-up at the same time. Raises SetupError (too little room) and
        whatever the part raises; a failed build leaves nothing.
        """
        entry = self.address(part)
        if entry.exists():
            return False
        self.root.mkdir(parents=True, exist_ok=True)
        with self._alone(part.name):
            if entry.exists():
                return False
            self._room(part)
            building = self.root / f".{part.name}.building"
            remove(building)
            building.mkdir()
            try:
                part.build(building, report, log)
                building.chmod(0o755)
                building.rename(entry)
            except OSError as error:
                remove(building)
                if is_full(error):
                    raise SetupError(full(self.root), log=Path(log.name)) from error
                raise
            except BaseException:
                remove(building)
                raise
        return True

    def switch(self, part: Part) -> bool:
        """Make the built part the current one, in one step; whether that changed anything."""
        entry = self.address(part)
        link = self.paths.current / part.name
        before = self.current(part.name)
        if before == entry.resolve():
            return False
        if before is not None:
            os.utime(before)  # the one that was current last is the last to be removed
        self.paths.current.mkdir(parents=True, exist_ok=True)
        fresh = self.paths.current / f".{part.name}.{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(entry)
        fresh.rename(link)
        return True

    def retire(self, name: str) -> None:
        """Let nothing be current under this name; what was built stays."""
        (self.paths.current / name).unlink(missing_ok=True)

    def prune(self, name: str) -> list[str]:
        """Remove entries of a part that are neither current, nor the one before, nor in use."""
        if self.root.parent != self.paths.data or not self.root.is_dir():
            return []  # a store that other labs share
        shape = re.compile(re.escape(name) + r"-[0-9a-f]{12}")
        current = self.current(name)
        old = [found for found in self.root.iterdir() if shape.fullmatch(found.name) and found != current]
        old.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
        if len(old) < 2:
            return []
        busy = names_in_use(self.root)
        gone = [entry for entry in old[1:] if entry.name not in busy]
        for entry in gone:
            remove(entry)
        return [entry.name for entry in gone]

    def _room(self, part: Part) -> None:
        wanted, free = space(part), shutil.disk_usage(self.root).free
        if free < wanted:
            raise SetupError(too_little(self.root, wanted, free))

    @contextlib.contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        with (self.root / f".{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def remove(folder: Path) -> None:
    """Remove a folder and all below it. What is mounted below it is unmounted first, never emptied."""
    if folder.is_symlink():
        folder.unlink()
    if not folder.exists():
        return
    for mount in reversed(_mounts_below(folder)):
        subprocess.run(["umount", "--lazy", mount], check=True, capture_output=True)
    for pause in (0.2, 0.5, 1, 2, 4, 0):
        try:
            shutil.rmtree(folder)
            return
        except OSError as error:  # an interrupted program may still be ending in there
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT) or not pause:
                raise
            time.sleep(pause)


def _mounts_below(folder: Path) -> list[str]:
    top = str(folder.resolve())
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), line.split()[4])
        if point == top or point.startswith(top + "/"):
            found.append(point)
    return found


def names_in_use(root: Path) -> set[str]:
    """The names of entries that a process runs from, stands in, maps or has mounted."""
    shape = re.compile(re.escape(root.name) + r"/([a-z-]+-[0-9a-f]{12})")
    seen: set[str] = set()
    spaces: set[str] = set()
    for process in Path("/proc").glob("[0-9]*"):
        texts = []
        with contextlib.suppress(OSError):
            texts += [str((process / link).readlink()) for link in ("cwd", "exe", "root")]
            texts.append((process / "cmdline").read_bytes().decode(errors="replace"))
            texts.append((process / "maps").read_text(errors="replace"))
        with contextlib.suppress(OSError):
            space = str((process / "ns" / "mnt").readlink())
            if space not in spaces:
                spaces.add(space)
                texts.append((process / "mountinfo").read_text(errors="replace"))
        for text in texts:
            seen.update(shape.findall(text))
    return seen
