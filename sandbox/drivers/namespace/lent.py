"""Programs that only the operator can install, and that clusters get from the host, read-only."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.drivers.namespace import mounts
from sandbox.drivers.namespace.names import IDS
from sandbox.drivers.namespace.state import Folder
from sandbox.errors import SandboxUnavailable

PLACES = {"LAB_CRICTL": "/usr/local/bin/crictl"}
"""By the setting that names the host's file, where it is inside."""


def lent() -> dict[str, Path]:
    """By its place inside, each file that the operator lends. Raises SandboxUnavailable when one is not there."""
    found = {}
    for setting, place in PLACES.items():
        value = os.environ.get(setting, "").strip()
        if value:
            found[place] = Path(value)
            if not found[place].is_file():
                raise SandboxUnavailable(
                    f"{setting} names {value}, which is no file; install it there or unset {setting}."
                )
    return found


def mount(folder: Folder, owner: int) -> dict[str, Path]:
    """Make each of them read-only on the host's side, where nobody inside can undo it, with root as the owner; by
    its place inside, what is to be bound there. `owner` is the host's id of root inside. Raises OSError."""
    bound = {}
    for place, source in lent().items():
        point = folder.path / f"lent-{Path(place).name}"
        point.touch()
        mounts.mount_idmapped(source.resolve(), point, owner, IDS)
        bound[place] = point
    return bound
