"""A sandbox's own disk: a sparse file with an ext4 of fixed size and number of files."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.drivers.namespace.command import call

MKFS = ("mkfs.ext4", "-q", "-F", "-m", "0", "-O", "^has_journal", "-E")


def make_disk(image: Path, mount_point: Path, size: int, inodes: int, *, nodev: bool = True) -> None:
    """Make the file, the filesystem (without a journal: it lives as long as the sandbox) and mount it.

    `size` in bytes, taken from the host only as it is written, and given back as files are removed. Raises
    SandboxError.
    """
    with image.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.truncate(size)
    call([*MKFS, "lazy_itable_init=1,nodiscard", "-N", str(inodes), str(image)], "mkfs.ext4")
    mount_point.mkdir()
    options = "loop,noatime,discard" + (",nodev" if nodev else "")
    call(["mount", "-o", options, str(image), str(mount_point)], "mounting the disk")


def owned_folder(path: Path, owner: int, mode: int = 0o755) -> Path:
    """A new folder that belongs to the host's id `owner`."""
    path.mkdir()
    path.chmod(mode)
    os.chown(path, owner, owner)
    return path


def owned_file(path: Path, text: str, owner: int) -> None:
    path.write_text(text)
    path.chmod(0o644)
    os.chown(path, owner, owner)


def taken(image: Path) -> int:
    """Bytes of the host's disk that the file has taken. Raises OSError."""
    return image.stat().st_blocks * 512
