"""Packages that apt could install only by removing others."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from lab.setup.errors import SetupError

REFUSED = "Packages need to be removed but remove is disabled"
REMOVED = re.compile(r"following packages will be REMOVED:\n((?:[ \t]+.*\n)+)")


@contextlib.contextmanager
def conflicts_told(packages: Sequence[str], log: TextIO) -> Iterator[None]:
    """Around an apt-get with `--no-remove` that writes to the log: its refusal names what is in the way.

    Raises SetupError; any other failure passes through as it is.
    """
    try:
        yield
    except SetupError:
        said = Path(log.name).read_text(errors="replace")
        found = REMOVED.findall(said)
        if REFUSED not in said or not found:
            raise
        others = found[-1].split()
        raise SetupError(
            f"Host packages: {', '.join(packages)} cannot be installed beside {', '.join(others)}; if this "
            f"machine can do without, run apt-get remove {' '.join(others)}, otherwise use another machine.",
            log=Path(log.name),
        ) from None
