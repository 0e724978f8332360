"""What is built for Kubernetes while the lab already runs: a process of the lab's, started by `up`.

`python -m lab.setup.background` builds it, with the least share of the processor; `up` shows how far that is to
whoever watches, and may be left. Interrupted, it goes on at the next `up`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

from lab.paths import Paths
from lab.setup.control import Supervisor, wait_until
from lab.setup.errors import SetupError
from lab.setup.plan import NONE, Plan, choice
from lab.setup.probes import Point
from lab.setup.progress import Progress
from sandbox.tools import modules

PROCESS = "builder"
"""Its name among the lab's processes."""
LOOK = 0.5
STOPPED = "The building of Kubernetes was stopped; run `make up` again, which goes on where it stopped."
FIRST_TO_GO = "500"
"""What the kernel adds to this process's claim to be ended when memory runs out."""


def build(plan: Plan) -> None:
    """Build what is missing for Kubernetes, then make it current, the images first. Raises SetupError."""
    if choice() == NONE:
        return
    parts = [*plan.toolchain(), *plan.kubernetes()]
    for part in parts:
        plan.progress.expect(part.name, part.title)
    plan.build(parts)
    tools, images = plan.kubernetes()
    if plan.switch([images]):
        supervisor = Supervisor(plan.paths)
        if supervisor.pid() is not None:
            supervisor.restart("registry")
    plan.switch([tools])
    plan.prune(parts)


def arrange(plan: Plan, supervisor: Supervisor) -> bool:
    """Make current what is built for Kubernetes, or have it built; whether it is being built now."""
    if plan.kubernetes_ready():
        plan.switch(plan.kubernetes())
        plan.paths.tools_progress.unlink(missing_ok=True)
        return False
    plan.store.retire("tools")  # of another version, whose images are not served any more
    if choice() == NONE:
        plan.paths.tools_progress.unlink(missing_ok=True)
        return False
    if supervisor.processes().get(PROCESS, {}).get("statename") != "RUNNING":
        begun = Progress()
        begun.publish(plan.paths.tools_progress)  # an open page asks until nothing is being prepared any more
        supervisor.restart(PROCESS)
        with contextlib.suppress(SetupError):
            wait_until(lambda: _tells(plan.paths) or not _running(supervisor), 10, "")
        if not _tells(plan.paths) and not _running(supervisor):
            begun.fail(f"The building of Kubernetes does not start; {plan.paths.log / 'lab.log'} says why.")
    return True


def follow(paths: Paths) -> None:
    """Show on the terminal how far it is, until it is over or the watcher leaves; elsewhere say who tells."""
    if not sys.stdout.isatty():
        print(
            "Kubernetes is being built in the background, while lessons with Docker already work: the page "
            "and `make doctor` say how far that is."
        )
        return
    print("Kubernetes is being built, while lessons with Docker already work. Ctrl-C leaves it building.")
    progress, supervisor = Progress(), Supervisor(paths)
    try:
        while _running(supervisor):
            _show(progress, _read(paths))
            time.sleep(LOOK)
    except KeyboardInterrupt:
        print("\nThe building goes on; the page and `make doctor` say how far it is.")
        return
    left = _read(paths)
    if left and left.get("failed"):
        print(f"\n{left['failed']}")
    elif paths.tools.exists():
        print("Kubernetes is ready.")


def _tells(paths: Paths) -> bool:
    """Whether the builder has said something, or is through."""
    found = _read(paths)
    return found is None or bool(found.get("parts") or found.get("failed"))


def _running(supervisor: Supervisor) -> bool:
    try:
        state = supervisor.processes().get(PROCESS, {}).get("statename")
    except OSError:  # the lab is being stopped
        return False
    return state in ("STARTING", "RUNNING")


def _show(progress: Progress, found: dict[str, Any] | None) -> None:
    """Take over what another process has published."""
    shown = {part.name: part for part in progress.parts}
    for part in (found or {}).get("parts", []):
        name = part["name"]
        if name not in shown:
            progress.expect(name, part["title"])
            shown[name] = progress.parts[-1]
        if part["state"] == "running":
            if shown[name].state != "running":
                progress.start(name)
            progress.report(name, part["done"], part["total"], part["note"])
        elif part["state"] == "done" and shown[name].state == "running":
            progress.finish(name)


def _read(paths: Paths) -> dict[str, Any] | None:
    try:
        found = json.loads(paths.tools_progress.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def kubernetes(paths: Paths) -> Point:
    """The doctor's point: which versions there are, or how far they are."""
    name = "Kubernetes"
    try:
        if choice() == NONE:
            return Point(name, "ok", "None is wanted (LAB_TOOLS=none): there are lessons with Docker only.")
    except SetupError as error:
        return Point(name, "fail", error.message, "Set it right, or unset it.")
    wanted = modules.versions()
    with contextlib.suppress(OSError):
        if modules.read((paths.tools / modules.VERSIONS).read_text()) == wanted:
            named = ", ".join(f"{word} {wanted[word]}" for word in ("containerd", "etcd", "coredns"))
            return Point(name, "ok", f"Kubernetes {wanted['kubernetes']} is built, with {named}.")
    found = _read(paths)
    if found and found.get("failed"):
        return Point(name, "warn", found["failed"], f"{paths.log / 'setup-tools.log'} says more.")
    running = [part for part in (found or {}).get("parts", []) if part["state"] == "running"]
    if running:
        part = running[0]
        count = f", {part['done']} of {part['total']}" if part["total"] else ""
        return Point(
            name, "warn", f"Being built: {part['title']} ({part['note']}{count}).",
            "Nothing needs to be done, if the lab runs: it goes on in the background.",
        )  # fmt: skip
    mend = "Nothing needs to be done: make up builds it, in about 16 minutes where two cores are idle."
    return Point(name, "warn", f"Kubernetes {wanted['kubernetes']} is not built yet.", mend)


def main() -> int:
    """0 once everything is there; 1 after one sentence, which the page shows, too."""
    paths = Paths.from_env()
    os.umask(0o022)
    os.nice(19)
    Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    progress = Progress()
    progress.publish(paths.tools_progress)
    try:
        build(Plan(paths, progress))
    except SetupError as error:
        progress.fail(error.message)
        print(error.message, flush=True)
        return 1
    except KeyboardInterrupt:
        progress.fail(STOPPED)
        print(STOPPED, flush=True)
        return 1
    progress.publish(None)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"done, by {used.ru_utime + used.ru_stime:.0f} seconds of the processor", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
