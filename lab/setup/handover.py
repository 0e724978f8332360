"""From root to the lab's user, for commands that an operator gives."""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from lab.paths import USER, Paths
from lab.setup.errors import SetupError, tail
from lab.setup.plan import Plan
from lab.setup.progress import Progress


def go_on_as_lab(paths: Paths, here: Path, words: Sequence[str]) -> NoReturn:
    """Replace this process by the installed manage.py, run by the lab's user on the installed Python.

    That is the project that the lab runs from, whatever state the clone is in; what proves the clone's own lessons
    runs from a copy of the clone. Ends the program with one sentence when set-up has not run, or when such a clone
    does not pass its own checks.
    """
    try:
        app = _copy(paths, here) if words[:1] == ["checklessons"] else _installed(paths)
        account = pwd.getpwnam(USER)
    except (SetupError, KeyError) as error:
        log = getattr(error, "log", None)
        print(*(tail(log) if log else []), sep="\n", end="", file=sys.stderr)
        sys.exit(str(error) if isinstance(error, SetupError) else _absent(paths))
    os.initgroups(USER, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.umask(0o027)
    if not os.access(".", os.R_OK | os.X_OK):
        os.chdir(app)
    env = dict(os.environ, HOME=account.pw_dir, USER=USER, LOGNAME=USER, LAB_DATA=str(paths.data))
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        env.pop(name, None)
    python = str(paths.python)
    os.execve(python, [python, str(app / "manage.py"), *words], env)


def writes_lessons(words: Sequence[str]) -> bool:
    """Whether a command only reads or makes lesson files, for which it needs neither a database nor a running lab."""
    return words[:1] in (["newlesson"], ["newstep"]) or (
        words[:1] == ["checklessons"] and "--run" not in words
    )


def go_on_as_author(here: Path) -> None:
    """From root to whom the lessons belong, so that what is made in the clone is theirs."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    os.environ.setdefault("LAB_SECRET", "nothing is signed by a command that makes or reads lesson files")
    owner = Path(os.environ.get("LAB_LESSONS") or here / "lessons" / "content").stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def refusal(paths: Paths) -> str:
    """What a user is told who is neither root nor the lab's, and may not read its secret; empty when they may."""
    if os.environ.get("LAB_SECRET") or not paths.python.exists() or os.access(paths.secret, os.R_OK):
        return ""
    return f"This needs the lab's secret in {paths.secret}; run it as root: sudo ./manage.py …"


def _installed(paths: Paths) -> Path:
    """The store entry that the lab runs from. Raises SetupError."""
    if not paths.python.exists() or not paths.app.exists():
        raise SetupError(_absent(paths))
    return paths.app.resolve()


def _copy(paths: Paths, here: Path) -> Path:
    """The store entry of the project as it is in `here`; the lab goes on with its own. Raises SetupError."""
    if here.parent == paths.store.resolve():
        return here
    _installed(paths)
    progress = Progress(sys.stderr)
    plan = Plan(paths, progress, here)
    if not plan.ready(plan.venv) or not plan.ready(plan.vendor):
        raise SetupError("This clone wants other packages than are installed; run `make up` first.")
    progress.expect(plan.app.name, plan.app.title)
    plan.build([plan.app])
    return plan.store.address(plan.app)


def _absent(paths: Paths) -> str:
    return f"The lab is not set up in {paths.data}; run `make up` as root first (LAB_DATA says where)."
