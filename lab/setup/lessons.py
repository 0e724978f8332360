"""A course that the operator names (LAB_LESSONS) is read before any process is restarted for it."""

from __future__ import annotations

import os
from pathlib import Path

from lab.paths import USER, Paths
from lab.setup import machine
from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError


def check(paths: Paths, app: Path, python: Path) -> None:
    """Raises SetupError when the lab's user cannot read that course, or it is broken; what runs stays as it was."""
    folder = os.environ.get("LAB_LESSONS")
    if not folder:
        return
    if not Path(folder).is_absolute() or not Path(folder).is_dir():
        raise SetupError(
            f"LAB_LESSONS is {folder}, which is no folder; give the whole path of one with lessons."
        )
    log = machine.open_log(paths.log, "lessons")
    with log.open("a") as out:
        try:
            run(
                [python, "-m", "django", "checklessons", "--content", folder],
                out, what="Lessons", where=paths.data, cwd=app, user=USER,
                env=clean_environment(
                    DJANGO_SETTINGS_MODULE="lab.settings", LAB_DATA=str(paths.data), HOME="/nonexistent"
                ),
            )  # fmt: skip
        except SetupError as error:
            raise SetupError(
                f"The lessons in {folder} (LAB_LESSONS) cannot be shown; mend what is named above and run it again.",
                log=error.log,
            ) from error
