"""Tries an idmapped mount below an overlay, as every sandbox has one: `python idmap.py FOLDER`.

Run in a mount namespace of its own, so that nothing stays mounted. open_tree(2), mount_setattr(2)
and move_mount(2) have no wrappers in older C libraries; their numbers are the same on all machines.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from pathlib import Path

OPEN_TREE, MOVE_MOUNT, MOUNT_SETATTR = 428, 429, 442
CLONE_NEWUSER = 0x10000000
AT_FDCWD, AT_EMPTY_PATH = -100, 0x1000
OPEN_TREE_CLONE, MOVE_MOUNT_F_EMPTY_PATH, MOUNT_ATTR_IDMAP = 1, 4, 0x100000
FIRST, COUNT = 100_000, 65_536

libc = ctypes.CDLL(None, use_errno=True)


def call(what: str, *words: object) -> int:
    """A system call by number; ends the program with the reason when it fails."""
    answer = int(libc.syscall(*words))
    if answer < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return answer


def user_namespace() -> int:
    """A descriptor of a new user namespace whose ids 0 to 65535 are FIRST and up outside."""
    ready, go = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        os.write(ready[1], b"0" if libc.unshare(CLONE_NEWUSER) == 0 else b"1")
        os.read(go[0], 1)
        os._exit(0)
    if os.read(ready[0], 1) != b"0":
        sys.exit("unshare: refused")
    for name in ("uid_map", "gid_map"):
        Path(f"/proc/{child}/{name}").write_text(f"0 {FIRST} {COUNT}\n")
    namespace = os.open(f"/proc/{child}/ns/user", os.O_RDONLY)
    os.write(go[1], b"0")
    os.waitpid(child, 0)
    return namespace


def main(folder: Path) -> None:
    """Ends with status 0 and no words when a root-owned file shows up as FIRST's through the overlay."""
    for name in ("lower", "mapped", "disk", "merged"):
        (folder / name).mkdir()
    disk = folder / "disk"  # as a sandbox's: what the data folder lies on need not do for an upper layer
    if libc.mount(b"tmpfs", os.fsencode(disk), b"tmpfs", 0, None) != 0:
        sys.exit(f"tmpfs: {os.strerror(ctypes.get_errno())}")
    for name in ("upper", "work"):
        (disk / name).mkdir()
    (folder / "lower" / "file").touch()
    namespace = user_namespace()
    tree = call("open_tree", OPEN_TREE, AT_FDCWD, os.fsencode(folder / "lower"), OPEN_TREE_CLONE)
    attributes = struct.pack("QQQQ", MOUNT_ATTR_IDMAP, 0, 0, namespace)
    call("idmapped mount", MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, attributes, len(attributes))
    target = os.fsencode(folder / "mapped")
    call("move_mount", MOVE_MOUNT, tree, b"", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH)
    options = f"lowerdir={folder / 'mapped'},upperdir={disk / 'upper'},workdir={disk / 'work'}"
    if libc.mount(b"overlay", os.fsencode(folder / "merged"), b"overlay", 0, options.encode()) != 0:
        sys.exit(f"overlay on an idmapped mount: {os.strerror(ctypes.get_errno())}")
    if (folder / "merged" / "file").stat().st_uid != FIRST:
        sys.exit("overlay on an idmapped mount: the ids are not mapped")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
