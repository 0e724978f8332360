#!/usr/bin/env python3
"""Django's commands, and the lab's own: `manage.py help` lists them.

Any Python may run it from the clone. Run by root, it goes on as the lab's user, from the installed
project, before it opens a database, so that no file ends up root's. Commands for lesson files work in the clone, as
whom the lessons belong to.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path


def main() -> None:
    from lab.paths import Paths
    from lab.setup.errors import SetupError
    from lab.setup.interpreter import go_on

    paths = Paths.from_env()
    here = Path(__file__).resolve().parent
    try:
        go_on(paths, [__file__, *sys.argv[1:]])
    except SetupError as error:
        sys.exit(error.message)
    from lab.setup import handover

    if handover.writes_lessons(sys.argv[1:]):
        handover.go_on_as_author(here)
    elif os.geteuid() == 0:
        handover.go_on_as_lab(paths, here, sys.argv[1:])
    elif said := handover.refusal(paths):
        sys.exit(said)
    if importlib.util.find_spec("django") is None:
        if not paths.python.exists():
            sys.exit(
                f"The lab is not set up in {paths.data}; run `make up` as root first (LAB_DATA says where)."
            )
        os.execv(paths.python, [str(paths.python), str(here / "manage.py"), *sys.argv[1:]])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
