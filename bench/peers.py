"""Peers that Debian 12 does not have: ttyd from a later Debian and wetty from npm, each built once into the store.

They are the benchmarks' alone: set-up neither builds them nor makes them current.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bench.place import ROOT
from lab.paths import Paths
from lab.setup import tools
from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError
from lab.setup.parts import Part, Report
from lab.setup.store import Store

HERE = ROOT / "bench" / "node"
SUITE = "forky"
"""The first Debian after 12 that has ttyd."""
PACKAGES = ("ttyd", "bash", "coreutils", "base-files")
NODE = 20
"""The first major version that wetty runs on."""


@dataclass(frozen=True)
class Built:
    """A peer's program: `argv` starts it; without, it could not be had, and `why` says so."""

    argv: tuple[str, ...] = ()
    why: str = ""
    root: Path | None = None
    """A root filesystem that its programs need."""


class TtydRoot:
    """The part `bench-ttyd`: Debian's ttyd with its libraries, a shell and little else, unpacked."""

    name = "bench-ttyd"
    title = "ttyd, a peer"

    def inputs(self) -> Iterable[bytes]:
        return [b"1", SUITE.encode(), *(package.encode() for package in PACKAGES)]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        mirror = os.environ.get("LAB_DEBIAN_MIRROR")
        run(
            ["mmdebstrap", "--variant=extract", "--mode=root", "--format=directory", "--skip=check/empty",
             # a suite that is not released yet dates its index for a week, and a mirror may be older than that
             '--aptopt=Acquire::Check-Valid-Until "false"',
             *[f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "locale", "man", "info")],
             f"--include={','.join(PACKAGES)}", SUITE, dest, *([mirror] if mirror else [])],
            log, what=self.title, where=dest.parent,
        )  # fmt: skip


@dataclass(frozen=True)
class Wetty:
    """The part `bench-wetty`: `node_modules` by the lockfile beside this module.

    No package's script runs: the native part of its PTY comes built, from a fork that differs in that alone.
    """

    npm: Sequence[str | Path]
    name: str = "bench-wetty"
    title: str = "wetty, a peer"

    def inputs(self) -> Iterable[bytes]:
        return [b"1", *((HERE / name).read_bytes() for name in ("package.json", "package-lock.json"))]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(HERE / name, dest / name)
        environment = clean_environment()
        environment["PATH"] = f"{Path(self.npm[0]).parent}:{environment.get('PATH', '')}"
        run(
            [*self.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=2"],
            log, what=self.title, where=dest.parent, cwd=dest, env=environment,
        )  # fmt: skip


def ttyd(base: Paths) -> Built:
    """This machine's own, or Debian's in a root filesystem of its own."""
    if own := shutil.which("ttyd"):
        return Built((own,))
    root, why = _entry(base, TtydRoot())
    return Built(("/usr/bin/ttyd",), root=root) if root else Built(why=why)


def wetty(base: Paths) -> Built:
    node = _node(base)
    if isinstance(node, str):
        return Built(why=node)
    program, npm = node
    entry, why = _entry(base, Wetty(npm))
    if entry is None:
        return Built(why=why)
    return Built((program, str(entry / "node_modules" / "wetty" / "build" / "main.js")))


def versions(base: Paths) -> dict[str, str]:
    """Of both, by name; they are built if they were not."""
    return {"ttyd": _version(ttyd(base)), "wetty": _version(wetty(base))}


def _version(built: Built) -> str:
    """What `--version` says, in one word."""
    if not built.argv:
        return "not to be had"
    inside = ["chroot", str(built.root)] if built.root else []
    done = subprocess.run([*inside, *built.argv, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"\d+(\.\d+)+", done.stdout)
    return found[0] if found else "unknown"


def _node(base: Paths) -> tuple[str, Sequence[str | Path]] | str:
    """The program and the words that start npm; otherwise why there is none."""
    own = tools.system_node()
    if own is not None:
        said = subprocess.run([own[0], "--version"], capture_output=True, text=True, check=False).stdout
        if (found := re.match(r"v(\d+)\.", said)) and int(found[1]) >= NODE:
            return own[0], [own[1]]
    entry, why = _entry(base, tools.node_part(base.store))
    if entry is None:
        return why
    program, npm = tools.wheel_node(entry)
    return str(program), [program, npm]


def _entry(base: Paths, part: Part) -> tuple[Path | None, str]:
    """The part's folder in the store, built if it was not there; or why it could not be."""
    store = Store(base)
    try:
        base.log.mkdir(exist_ok=True)
        with (base.log / f"{part.name}.log").open("a") as log:
            store.ensure(part, lambda done, total, note: None, log)
            if part.name.startswith("bench-"):
                os.utime(store.address(part))  # the newest is kept
                store.prune(part.name)
    except (SetupError, OSError) as error:
        return None, f"not to be had: {error}"
    return store.address(part), ""
