"""What a part is: one thing that set-up builds, addressed by everything that decides its result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TextIO

Report = Callable[[int, int, str], None]
"""Called as report(done, total, what is being done now); total 0 while it is unknown."""

GIB = 1024**3
SPACE = {
    "go": GIB // 2,
    "images": GIB,
    "node": GIB // 2,
    "rootfs": 3 * GIB,
    "tools": 8 * GIB,
    "venv": GIB // 2,
    "venv-dev": GIB,
}
"""Bytes that parts take while they are built, generously; a tenth of a gibibyte for the others."""


def space(part: Part) -> int:
    """Bytes that must be free before it is built."""
    return SPACE.get(part.name, GIB // 10)


class Part(Protocol):
    """One content-addressed result below the store."""

    @property
    def name(self) -> str:
        """Names the folder in the store and the link in `current`: lower-case letters and dashes."""
        ...

    @property
    def title(self) -> str:
        """How progress calls it."""
        ...

    def inputs(self) -> Iterable[bytes]:
        """Everything that decides the result, in a fixed order; hashed, so that a change rebuilds."""
        ...

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill the empty folder `dest`, which is moved into place afterwards; raises when it cannot."""
        ...
