"""Which Python the lab runs on: the system's own where it is new enough."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError

OLDEST = (3, 11)
FETCHED = "3.12"
SYSTEM = Path("/usr/bin/python3")


def version(python: Path) -> tuple[int, int] | None:
    """(major, minor) of an interpreter; None where it cannot be run."""
    try:
        asked = subprocess.run(
            [python, "-c", "import sys; print(*sys.version_info[:2])"],
            capture_output=True, text=True, check=True, timeout=20,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor = asked.stdout.split()
    return int(major), int(minor)


def system_python() -> Path | None:
    """The system's interpreter if the lab can run on it. One in somebody's home is never used."""
    found = version(SYSTEM)
    return SYSTEM.resolve() if found and found >= OLDEST else None


def fetched_python(uv: Path, folder: Path, log: TextIO) -> Path:
    """An interpreter below `folder`, fetched by uv unless it is there."""
    env = clean_environment(UV_PYTHON_INSTALL_DIR=str(folder))
    run([uv, "python", "install", "--no-bin", FETCHED], log, what="Python", where=folder, env=env)
    found = sorted(folder.glob(f"cpython-{FETCHED}*/bin/python{FETCHED}"))
    if not found:
        raise SetupError(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed and could not be fetched; "
            "install it as /usr/bin/python3, or use Debian 12, Ubuntu 24.04 or newer.",
            log=Path(log.name),
        )
    return found[0]
