"""`down`: stop what `up` started and leave nothing of it on the machine but the data folder."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.paths import Paths
from lab.setup.commands import clean_environment
from lab.setup.control import Supervisor, leftovers, stop_leftovers
from lab.setup.errors import SetupError
from lab.setup.machine import alone
from lab.setup.probes import sysctl


@dataclass(frozen=True)
class Taken:
    """What a lab has taken of the machine and noted: it is given back, and then the notes are gone."""

    address: str | None = None
    """The service address."""
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By name of a sysctl: its value before any lab, and now."""

    @classmethod
    def now(cls, paths: Paths) -> Taken:
        """What is noted at this moment."""
        from sandbox.drivers.namespace.holders import Record

        before = Record.read().before
        settings = {name: (str(value), sysctl(name) or "") for name, value in before.items()}
        return cls(_noted(paths.network_file).get("address"), settings)


def down(paths: Paths) -> bool:
    """Whether anything ran. Raises SetupError when something could not be stopped or removed."""
    ran = Supervisor(paths).stop()
    ran = bool(stop_leftovers(paths)) or ran
    left = leftovers(paths)
    if left:
        raise SetupError(f"These processes do not end: {', '.join(f'{v} ({k})' for k, v in left.items())}.")
    cleanup(paths)
    for name in (
        "progress.json",
        "tools.json",
        "network.json",
        "supervisor.json",
        "supervisor.sock",
        "supervisord.pid",
        paths.upstream_login.name,
    ):
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

    Raises SetupError when it fails, or when something of it is still there afterwards.
    """
    taken = Taken.now(paths)
    if not paths.python.exists() or not paths.app.exists():
        if remains(paths, taken):
            raise SetupError(
                "Sandboxes are left, and what removes them is not there: run `make up`, then this."
            )
        return
    said = subprocess.run(
        [paths.python, "-m", "sandbox.sandboxd", "--cleanup"],
        cwd=paths.app, env=clean_environment(LAB_DATA=str(paths.data)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if said.returncode != 0:
        words = (said.stderr or said.stdout).strip().splitlines()
        raise SetupError(f"Sandboxes could not be removed: {words[-1] if words else 'no reason was given'}")
    left = remains(paths, taken)
    if left:
        raise SetupError(f"This is left on the machine and should not be: {', '.join(left)}.")


def remains(paths: Paths, taken: Taken | None = None) -> list[str]:
    """What is the lab's on the machine, which after `down` is nothing; `taken` was read before that."""
    taken = taken or Taken.now(paths)
    return [
        *_mounts(paths),
        *_network(paths, taken),
        *_loop_devices(paths),
        *_cgroups(paths),
        *_settings(paths, taken),
    ]


def _mounts(paths: Paths) -> list[str]:
    top = str(paths.sandboxes.resolve())
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return [f"mount {point}" for point in points if point == top or point.startswith(top + "/")]


def _network(paths: Paths, taken: Taken) -> list[str]:
    found = [f"interface {link.name}" for link in Path("/sys/class/net").iterdir() if paths.tag in link.name]
    with contextlib.suppress(OSError):
        tables = _output("nft", "list", "tables")
        found += [f"nftables {line}" for line in tables.splitlines() if paths.tag in line]
    if taken.address:
        with contextlib.suppress(OSError):
            words = _output("ip", "-oneline", "address", "show").split()
            found += [f"address {word}" for word in words if word.partition("/")[0] == taken.address]
    return found


def _loop_devices(paths: Paths) -> list[str]:
    found = []
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):
            if backing.read_text().startswith(f"{paths.data.resolve()}/"):
                found.append(f"loop device {backing.parts[3]}")
    return found


def _cgroups(paths: Paths) -> list[str]:
    root = Path("/sys/fs/cgroup")
    return [
        f"cgroup {group}"
        for depth in ("*", "*/*", "*/*/*")
        for group in root.glob(depth)
        if paths.tag in group.name
    ]


def _settings(paths: Paths, taken: Taken) -> list[str]:
    """Settings that are still the lab's. What another lab holds, or somebody else has set since, is theirs."""
    from sandbox.drivers.namespace.holders import Record
    from sandbox.drivers.namespace.sysctls import AT_LEAST, EXACTLY, FORWARD

    labs = {**AT_LEAST, **EXACTLY, **FORWARD}
    record = Record.read()
    held = {name for tag, holder in record.holders.items() if tag != paths.tag for name in holder.settings}
    left = [
        f"sysctl {name}={value} (it was {before})"
        for name, (before, value) in taken.settings.items()
        if name not in held and value == str(labs.get(name)) != before and sysctl(name) == value
    ]
    return [*left, *(["the note of kernel settings"] if paths.tag in record.holders else [])]


def _output(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def _noted(file: Path) -> dict[str, str]:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
