"""Which Python the lab runs on: the system's own where it is new enough, otherwise one that uv fetches.

Set-up itself starts on what older systems have (FIRST), and goes on with the newer one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from lab.paths import Paths
from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError, full

FIRST = (3, 9)
"""What set-up starts on: Debian 11's, the oldest with a kernel that will do."""
OLDEST = (3, 11)
"""What the lab runs on."""
FETCHED = "3.12"
SYSTEM = Path("/usr/bin/python3")
ADVICE = "install Python 3.11 or newer as /usr/bin/python3, or use Debian 12, Ubuntu 24.04 or newer"


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
    return SYSTEM.resolve() if _will_do(SYSTEM) else None


def fetched_python(paths: Paths) -> Path | None:
    """The interpreter that set-up has fetched for this lab, if it did and that still runs."""
    found = sorted(_folder(paths).glob(f"cpython-{FETCHED}*/bin/python{FETCHED}"))
    return found[-1].resolve() if found and _will_do(found[-1]) else None


def too_old() -> bool:
    """Whether the running interpreter is one that the lab cannot run on."""
    return sys.version_info[:2] < OLDEST


def go_on(paths: Paths, words: Sequence[str]) -> None:
    """Replace this process by a newer interpreter with these words, if this one is too old and there is one.

    Raises SetupError where it is too old even for set-up.
    """
    if not too_old():
        return
    newer = system_python() or fetched_python(paths)
    if newer:
        sys.stdout.flush()
        os.execv(newer, [str(newer), "-B", *words])
    if sys.version_info[:2] < FIRST:
        raise SetupError(f"This Python is {sys.version.split()[0]}, which set-up cannot run on; {ADVICE}.")


def fetch(uv: Path, paths: Paths, log: TextIO) -> None:
    """Have uv fetch an interpreter into the data folder. Raises SetupError when that fails."""
    env = clean_environment(UV_PYTHON_INSTALL_DIR=str(_folder(paths)), UV_NO_PROGRESS="1")
    argv: list[str | Path] = [uv, "python", "install", "--no-bin", "--reinstall", "--no-config", FETCHED]
    try:
        run(argv, log, what="Python", where=paths.data, env=env)
    except SetupError as error:
        if error.message == full(paths.data):
            raise
        reached = "cannot be reached" not in error.message
        mend = "check this machine's network and its proxy settings and run it again"
        mend = "the last lines of its log say why; mend that" if reached else mend
        raise SetupError(
            f"Python {FETCHED} cannot be fetched; {mend}, or {ADVICE}.", log=error.log,
        ) from error  # fmt: skip
    if not fetched_python(paths):
        raise SetupError(f"The Python that was fetched does not run here; {ADVICE}.", log=Path(log.name))


def _folder(paths: Paths) -> Path:
    return paths.data / "python"


def _will_do(python: Path) -> bool:
    found = version(python)
    return found is not None and found >= OLDEST
