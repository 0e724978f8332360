"""Where the system's Python is too old for the lab: the first part of set-up, which fetches another."""

from __future__ import annotations

import platform
import sys
import time

from lab.paths import Paths
from lab.setup import interpreter, machine
from lab.setup.plan import Plan
from lab.setup.progress import Progress

NEEDED = ("ca-certificates", "python3-venv")
"""What it takes of the machine's packages before the others."""


def ensure(paths: Paths) -> None:
    """Return where the running interpreter will do; otherwise fetch one and start this command anew on it.

    Set-up's lock must be held; it is given back by the start anew. Raises SetupError.
    """
    if not interpreter.too_old():
        return
    again = ["-m", "lab.setup", *sys.argv[1:]]
    interpreter.go_on(paths, again)  # another set-up may have fetched it while this one waited
    machine.ensure(paths)
    progress = Progress()
    plan = Plan(paths, progress)
    progress.say(
        f"This machine's Python is {platform.python_version()}, and the lab runs on 3.11 or newer: "
        f"getting {interpreter.FETCHED} into {paths.data}"
    )
    for name, title in (("packages", "Packages of this machine"), (plan.uv.name, plan.uv.title)):
        progress.expect(name, title)
    progress.expect("python", "Python")
    plan.host_packages(NEEDED)
    plan.build([plan.uv])
    progress.start("python")
    log = machine.open_log(paths.log, "python")
    with log.open("a") as out:
        out.write(time.strftime("%Y-%m-%d %H:%M:%S\n"))
        interpreter.fetch(plan.store.address(plan.uv) / "bin" / "uv", paths, out)
    progress.finish("python")
    interpreter.go_on(paths, again)
