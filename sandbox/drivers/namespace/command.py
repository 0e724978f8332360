"""Running the host's own tools, with errors that name the step and keep the tool's words."""

from __future__ import annotations

import subprocess

from sandbox.errors import Reason, SandboxError

TIMEOUT = 60.0


def call(argv: list[str], what: str, *, stdin: str = "", timeout: float = TIMEOUT) -> str:
    """Standard output of a command that must succeed.

    Raises SandboxError: FAILED with the command's standard error as detail, TIMEOUT, or
    UNAVAILABLE when the program is missing.
    """
    try:
        done = subprocess.run(argv, input=stdin, capture_output=True, text=True, timeout=timeout, check=False)
    except FileNotFoundError as error:
        raise SandboxError(
            f"{argv[0]} is not installed; run `make up`, which installs it.", reason=Reason.UNAVAILABLE
        ) from error
    except subprocess.TimeoutExpired as error:
        raise SandboxError(
            f"The sandbox could not be made: {what} took too long; try again.",
            reason=Reason.TIMEOUT,
            detail=" ".join(argv),
        ) from error
    if done.returncode != 0:
        raise SandboxError(
            f"The sandbox could not be made ({what} failed); try again, or ask for `make doctor`.",
            detail=f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()}",
        )
    return done.stdout
