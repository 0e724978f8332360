"""A command run in the test machine, with the project, its environment and the sandboxes' parts at hand."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.paths import DEFAULT_DATA, Paths
from lab.setup.plan import SOURCE
from tests.vm.disks import make_ext4
from tests.vm.parts import build_disks
from tests.vm.qemu import Boot, accelerator, run_machine
from tests.vm.recipe import GUEST
from tests.vm.report import Outcome, read_outcome

APP = ("lab", "lessons", "sandbox", "static", "templates", "tests", "manage.py", "pyproject.toml")
"""What of the project the guest gets."""
GUEST_DATA = Paths(Path(DEFAULT_DATA))
GUEST_APP = Path("/job/app")
BOOT_SECONDS = 600
"""Boot and power-off under emulation, on a busy machine; without load it is half a minute."""
TIME_FACTORS = {"kvm": 2, "tcg": 8}
"""By how much the tests inside stretch their own timeouts (LAB_TIME_FACTOR)."""


@dataclass(frozen=True)
class Job:
    """`argv` runs in the guest's copy of the project and is ended after `timeout` seconds."""

    argv: Sequence[str]
    timeout: float
    env: Mapping[str, str] = field(default_factory=dict)


def run_job(job: Job, folder: Path, on_line: Callable[[str], None]) -> Outcome:
    """Boot the machine, run the job, and read what came of it; `folder` holds the run's files.

    `on_line` gets the command's output line by line. Raises MachineError and SetupError.
    """
    disks = build_disks(Paths.from_env(), on_line)
    boot = Boot(
        kernel=disks.kernel,
        root=disks.root,
        disks=[*disks.parts.values(), _job_disk(job, disks.parts, folder)],
        results=folder / "results.tar",
        console=folder / "console.log",
    )
    on_line(f"starting the machine ({accelerator()})")
    run_machine(boot, deadline=job.timeout + BOOT_SECONDS, on_line=on_line)
    return read_outcome(boot.results, boot.console)


def _job_disk(job: Job, parts: Iterable[str], folder: Path) -> Path:
    """The disk with the project's files, the agent and its orders."""
    tree = folder / "job"
    for name in APP:
        source = SOURCE / name
        if source.is_dir():
            shutil.copytree(
                source, tree / "app" / name, ignore=shutil.ignore_patterns("__pycache__", "vendor")
            )
        elif source.exists():
            shutil.copy2(source, tree / "app" / name)
    _readable(tree)
    shutil.copy(GUEST / "agent.py", tree)
    store = GUEST_DATA.store
    orders = {
        "argv": list(job.argv),
        "cwd": str(GUEST_APP),
        "timeout": job.timeout,
        "mounts": [[f"lab-{name}", str(store / name)] for name in parts],
        "links": [[str(GUEST_DATA.current / name), str(store / name)] for name in parts]
        + [[str(GUEST_DATA.app), str(GUEST_APP)]],
        "env": {
            "HOME": "/root",
            "LANG": "C.UTF-8",
            "LAB_SECRET": "of-a-machine-that-lives-for-minutes-" + "x" * 20,
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAB_TIME_FACTOR": str(TIME_FACTORS[accelerator()]),
            **job.env,
        },
    }
    (tree / "job.json").write_text(json.dumps(orders))
    image = folder / "job.raw"
    with (folder / "job.log").open("w") as log:
        make_ext4(tree, image, "lab-job", log)
    return image


def _readable(tree: Path) -> None:
    """The project may lie under a home that is closed to others; in the guest it must not be."""
    for where, _, files in os.walk(tree):
        Path(where).chmod(0o755)
        for name in files:
            path = Path(where, name)
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
