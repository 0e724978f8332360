"""`down`: stop what `up` started and leave nothing of it on the machine but the data folder."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

from lab.paths import Paths
from lab.setup.commands import clean_environment
from lab.setup.control import Supervisor, leftovers, stop_leftovers
from lab.setup.errors import SetupError
from lab.setup.machine import alone


def down(paths: Paths) -> bool:
    """Whether anything ran. Raises SetupError when something could not be stopped or removed."""
    ran = Supervisor(paths).stop()
    ran = bool(stop_leftovers(paths)) or ran
    left = leftovers(paths)
    if left:
        raise SetupError(f"These processes do not end: {', '.join(f'{v} ({k})' for k, v in left.items())}.")
    cleanup(paths)
    for name in ("progress.json", "network.json", "supervisor.json", "supervisor.sock", "supervisord.pid"):
        (paths.run / name).unlink(missing_ok=True)
    return ran


def stop(paths: Paths) -> None:
    """`make down` for a person: alone, as root, and saying what it did."""
    if os.geteuid() != 0:
        raise SetupError("The lab is stopped by root: run `sudo make down`.")
    if not paths.data.is_dir():
        print(f"There is no lab in {paths.data}.")
        return
    with alone(paths):
        print("The lab is stopped." if down(paths) else "The lab was not running.", flush=True)


def cleanup(paths: Paths) -> None:
    """Have sandboxd destroy all sandboxes and give back what it took of the machine.

    Raises SetupError when it fails, or when a mount of the data folder is still there afterwards.
    """
    if not paths.python.exists() or not paths.app.exists():
        return
    said = subprocess.run(
        [paths.python, "-m", "sandbox.sandboxd", "--cleanup"],
        cwd=paths.app, env=clean_environment(LAB_DATA=str(paths.data)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if said.returncode != 0:
        words = (said.stderr or said.stdout).strip().splitlines()
        raise SetupError(f"Sandboxes could not be removed: {words[-1] if words else 'no reason was given'}")
    left = remains(paths)
    if left:
        raise SetupError(f"This is left on the machine and should not be: {', '.join(left)}.")


def remains(paths: Paths) -> list[str]:
    """What carries this lab's tag on the machine: mounts, interfaces, tables, cgroups, loop devices."""
    found = []
    sandboxes = str(paths.sandboxes)
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        if line.split()[4].startswith(sandboxes):
            found.append(f"mount {line.split()[4]}")
    found += [f"interface {link.name}" for link in Path("/sys/class/net").iterdir() if paths.tag in link.name]
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):
            if backing.read_text().startswith(str(paths.data) + "/"):
                found.append(f"loop device {backing.parts[3]}")
    for depth in ("*", "*/*", "*/*/*"):
        found += [
            f"cgroup {group}" for group in Path("/sys/fs/cgroup").glob(depth) if paths.tag in group.name
        ]
    with contextlib.suppress(OSError):
        tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=False)
        found += [f"nftables {line}" for line in tables.stdout.splitlines() if paths.tag in line]
    return found
