"""Layers of an image: gzipped tar archives whose bytes depend on nothing but the files in them.

Entries are sorted, owners are numbers, times are cut to one given second, and a layer on another one
holds only what differs, with whiteouts for what is gone (OCI image specification, "Image Layer
Filesystem Changeset").
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class LayerError(Exception):
    """A tree holds something that a layer cannot carry; the message names it."""


@dataclass(frozen=True)
class Layer:
    """A finished layer: `digest` is of the gzipped file, `diff_id` of the tar inside it."""

    path: Path
    digest: str
    size: int
    diff_id: str


@dataclass(frozen=True)
class Entry:
    """What decides whether a path has changed between two trees, and how it is written."""

    mode: int
    uid: int
    gid: int
    content: str
    """The SHA-256 of a regular file, the target of a symbolic link, otherwise empty."""
    inode: tuple[int, int] | None
    """Set for a file with several names, so that these stay one file."""

    def same(self, other: Entry | None) -> bool:
        return other is not None and (self.mode, self.uid, self.gid, self.content) == (
            other.mode,
            other.uid,
            other.gid,
            other.content,
        )


Tree = dict[str, Entry]
"""Paths relative to the root, sorted, with their entries."""


def scan(root: Path) -> Tree:
    """All that lies below `root` except in /dev, which every runtime fills itself."""
    return dict(sorted(_walk(root, root)))


def _walk(root: Path, folder: Path) -> Iterator[tuple[str, Entry]]:
    with os.scandir(folder) as entries:
        for item in entries:
            path = Path(item.path)
            name = path.relative_to(root).as_posix()
            if name.startswith("dev/"):
                continue
            info = item.stat(follow_symlinks=False)
            content = ""
            if stat.S_ISREG(info.st_mode):
                if "security.capability" in os.listxattr(path):
                    raise LayerError(
                        f"/{name} has file capabilities, which the layers made here do not carry"
                    )
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            elif stat.S_ISLNK(info.st_mode):
                content = str(path.readlink())
            elif not stat.S_ISDIR(info.st_mode):
                raise LayerError(f"/{name} is neither a file, a folder nor a symbolic link")
            several = info.st_nlink > 1 and stat.S_ISREG(info.st_mode)
            inode = (info.st_dev, info.st_ino) if several else None
            yield name, Entry(info.st_mode, info.st_uid, info.st_gid, content, inode)
            if stat.S_ISDIR(info.st_mode):
                yield from _walk(root, path)


def write(root: Path, tree: Tree, target: Path, epoch: int, below: Tree | None = None) -> Layer:
    """Write the layer that turns `below` (nothing if None) into `tree`, the scan of `root`, to `target`.

    `epoch` is in seconds since 1970; later modification times are cut to it.
    """
    below = below or {}
    changed = {name for name, entry in tree.items() if not entry.same(below.get(name))}
    gone = {name for name in below if name not in tree}
    for name in changed | gone:
        changed.update(str(parent) for parent in Path(name).parents if str(parent) in tree)
    # One whiteout is enough for a folder that is gone or is no folder any more.
    whiteouts = {_whiteout(name) for name in gone if _is_folder(tree, str(Path(name).parent))}
    with target.open("wb") as raw:
        compressed = gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=6, mtime=0)
        hashing = _Hashing(compressed)
        with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT) as archive:
            first: dict[tuple[int, int], str] = {}
            for name in sorted(changed | whiteouts):
                if name in whiteouts:
                    archive.addfile(_header(name, stat.S_IFREG, 0, 0, epoch))
                else:
                    _add(archive, root, name, tree[name], epoch, first)
        compressed.close()
    with target.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return Layer(target, f"sha256:{digest}", target.stat().st_size, f"sha256:{hashing.sha256.hexdigest()}")


def _is_folder(tree: Tree, name: str) -> bool:
    return name == "." or (name in tree and stat.S_ISDIR(tree[name].mode))


def _whiteout(name: str) -> str:
    return str(Path(name).with_name(f".wh.{Path(name).name}"))


def _header(name: str, mode: int, uid: int, gid: int, mtime: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.mode, header.uid, header.gid, header.mtime = stat.S_IMODE(mode), uid, gid, mtime
    return header


def _add(
    archive: tarfile.TarFile,
    root: Path,
    name: str,
    entry: Entry,
    epoch: int,
    first: dict[tuple[int, int], str],
) -> None:
    path = root / name
    info = path.lstat()
    header = _header(name, entry.mode, entry.uid, entry.gid, min(int(info.st_mtime), epoch))
    if stat.S_ISDIR(entry.mode):
        header.type = tarfile.DIRTYPE
        archive.addfile(header)
    elif stat.S_ISLNK(entry.mode):
        header.type, header.linkname = tarfile.SYMTYPE, entry.content
        archive.addfile(header)
    elif entry.inode is not None and entry.inode in first:
        header.type, header.linkname = tarfile.LNKTYPE, first[entry.inode]
        archive.addfile(header)
    else:
        if entry.inode is not None:
            first[entry.inode] = name
        header.size = info.st_size
        with path.open("rb") as content:
            archive.addfile(header, content)


class _Hashing(io.RawIOBase):
    """Passes bytes on and counts them into a SHA-256."""

    def __init__(self, target: IO[bytes] | gzip.GzipFile) -> None:
        self.target, self.sha256 = target, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        self.sha256.update(data)
        return self.target.write(data)
