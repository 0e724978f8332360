"""Mounts that the mount(8) of older distributions cannot make: an idmapped view of a shared folder.

Sources: open_tree(2), mount_setattr(2), move_mount(2), user_namespaces(7). Numbers of the system
calls are the same on every architecture that got them after 2019.
"""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

SYS_OPEN_TREE = 428
SYS_MOVE_MOUNT = 429
SYS_MOUNT_SETATTR = 442
AT_FDCWD = -100
AT_EMPTY_PATH = 0x1000
OPEN_TREE_CLONE = 1
OPEN_TREE_CLOEXEC = os.O_CLOEXEC
MOVE_MOUNT_F_EMPTY_PATH = 4
MOUNT_ATTR_RDONLY = 0x1
MOUNT_ATTR_NODEV = 0x4
MOUNT_ATTR_IDMAP = 0x00100000
CLONE_NEWUSER = 0x10000000
MS_NOSUID, MS_NODEV = 2, 4
MNT_DETACH = 2


class _MountAttr(ctypes.Structure):
    _fields_ = [
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    ]


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


@contextmanager
def user_namespace(first_id: int, count: int) -> Iterator[int]:
    """A file descriptor of a user namespace in which 0 … count-1 are the host's first_id onwards."""
    ready_read, ready_write = os.pipe()
    go_read, go_write = os.pipe()
    pid = os.fork()
    if pid == 0:  # the child must not touch Python's locks: system calls only
        try:
            if _libc.unshare(CLONE_NEWUSER) == 0:
                os.write(ready_write, b"1")
                os.close(go_write)
                os.read(go_read, 1)
        finally:
            os._exit(0)
    try:
        os.close(ready_write)
        if os.read(ready_read, 1) != b"1":
            raise OSError("a user namespace could not be made; see `make doctor`")
        for name in ("uid_map", "gid_map"):
            Path(f"/proc/{pid}/{name}").write_text(f"0 {first_id} {count}\n")
        namespace = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(ready_read)
        os.close(go_read)
        os.close(go_write)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    try:
        yield namespace
    finally:
        os.close(namespace)


def mount_idmapped(source: Path, target: Path, first_id: int, count: int) -> None:
    """Show `source` at `target`, read-only, its ids 0 … count-1 shown as first_id onwards.

    Raises OSError; EINVAL means that the filesystem of `source` cannot be idmapped.
    """
    tree = _check(
        _libc.syscall(SYS_OPEN_TREE, AT_FDCWD, os.fsencode(source), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
        f"open_tree {source}",
    )
    try:
        with user_namespace(first_id, count) as namespace:
            attributes = _MountAttr(MOUNT_ATTR_IDMAP | MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, 0, 0, namespace)
            _check(
                _libc.syscall(
                    SYS_MOUNT_SETATTR,
                    tree,
                    b"",
                    AT_EMPTY_PATH,
                    ctypes.byref(attributes),
                    ctypes.sizeof(attributes),
                ),
                "mount_setattr (idmap)",
            )
        _check(
            _libc.syscall(SYS_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), MOVE_MOUNT_F_EMPTY_PATH),
            f"move_mount {target}",
        )
    finally:
        os.close(tree)


def mount_overlay(
    lowers: Sequence[Path], upper: Path, work: Path, target: Path, *, nodev: bool = True
) -> None:
    """An overlay at `target`; of `lowers` the first hides the others. Raises OSError."""
    below = ":".join(map(str, lowers))
    options = f"lowerdir={below},upperdir={upper},workdir={work}".encode()
    _check(
        _libc.mount(
            b"overlay", os.fsencode(target), b"overlay", ctypes.c_ulong(MS_NODEV if nodev else 0), options
        ),
        f"mount overlay {target}",
    )


def unmount_below(folder: Path) -> None:
    """Detach every mount at or below `folder`, the newest first. Nothing there is fine."""
    prefix = os.fsencode(folder)
    while True:
        points = [point for point in _mount_points() if point == prefix or point.startswith(prefix + b"/")]
        if not points:
            return
        for point in reversed(points):
            _check(_libc.umount2(point, MNT_DETACH), f"umount {os.fsdecode(point)}")


def _mount_points() -> list[bytes]:
    found = []
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        point = line.split(b" ")[4]
        found.append(point.decode("unicode_escape").encode("latin-1") if b"\\" in point else point)
    return found
