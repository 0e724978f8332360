"""Running other programs: their output goes to a log, their failure becomes one sentence."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from lab.setup.errors import SetupError, explain

POLL = 0.2


def clean_environment(**extra: str) -> dict[str, str]:
    """This process's environment without what points at another Python; `extra` on top."""
    drop = {"VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX", "UV_PROJECT", "UV_PYTHON", "MAKEFLAGS"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", **extra}


def run(
    argv: Sequence[str | Path],
    log: TextIO,
    *,
    what: str,
    where: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    watch: Callable[[], None] | None = None,
    user: str | None = None,
    pass_fds: Sequence[int] = (),
) -> None:
    """Run a program to its end; `watch` is called a few times a second meanwhile.

    `what` names it in the sentence of the SetupError that a status other than 0 raises; `where` is
    the folder that is blamed when the disk is full. With `user`, it runs as that user and group.
    """
    log.write("$ " + " ".join(str(word) for word in argv) + "\n")
    log.flush()
    began = log.tell()
    try:
        process = subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else clean_environment(),
            cwd=cwd,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            pass_fds=pass_fds,
        )
    except OSError as error:
        raise SetupError(f"{what}: {argv[0]} cannot be started ({error.strerror}).") from error
    try:
        while process.poll() is None:
            if watch:
                watch()
            try:
                process.wait(POLL)
            except subprocess.TimeoutExpired:
                continue
    except BaseException:
        _stop(process)
        raise
    if process.returncode != 0:
        raise SetupError(explain(what, since(log, began), where), log=Path(log.name))


def since(log: TextIO, offset: int) -> str:
    """What was written to a log from this offset on, its last 20,000 characters at most."""
    with Path(log.name).open(errors="replace") as written:
        written.seek(offset)
        return written.read()[-20_000:]


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    for _ in range(50):
        if process.poll() is not None:
            return
        time.sleep(0.1)
    process.kill()
    process.wait()
