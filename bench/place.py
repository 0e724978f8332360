"""A data folder of the benchmarks' own, below LAB_DATA, that shares what set-up built and is gone afterwards."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.paths import Paths
from lab.setup.down import remains
from lab.setup.store import remove

ROOT = Path(__file__).resolve().parents[1]


class BenchError(Exception):
    """The benchmarks cannot run; the message says what to do."""


def built() -> Paths:
    """The data folder with what set-up built. Raises BenchError."""
    found = Paths.from_env()
    if os.geteuid() != 0:
        raise BenchError("The benchmarks make real sandboxes, which takes root: run `make bench` as root.")
    for part in ("rootfs", "images"):
        if not (found.current / part).is_dir():
            raise BenchError(f"There is no {part} below {found.data}: run `make bench`, which builds it.")
    return found


@contextmanager
def fresh(base: Paths) -> Iterator[Paths]:
    """An empty data folder; what the lab keeps in it is removed at the end. It stays when something of its lab could
    not be stopped: without it nobody could do that any more."""
    folder = base.data / "bench" / secrets.token_hex(4)
    folder.mkdir(parents=True)
    for path in (folder.parent, folder):
        path.chmod(0o755)
    try:
        yield Paths(folder)
    finally:
        if left := remains(Paths(folder)):
            print(f"{left[0]} is left; stop what is left by: LAB_DATA={folder} make down", file=sys.stderr)
        else:
            remove(folder)
