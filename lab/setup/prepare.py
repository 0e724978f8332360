"""`prepare`: build parts without starting anything, for the tests and for images of machines."""

from __future__ import annotations

import filecmp
import shutil
from collections.abc import Sequence
from pathlib import Path

from lab.paths import Paths
from lab.setup import background, host, machine, newer
from lab.setup.errors import SetupError
from lab.setup.parts import Part
from lab.setup.plan import SOURCE, Plan
from lab.setup.progress import Progress
from lab.setup.tools import system_node

TOOLS = {"tools"}
"""What is built last, with the images that are made from it."""


def prepare(paths: Paths, *, dev: bool, only: Sequence[str] = ()) -> None:
    """Build all parts, or those named, and make them current. Raises SetupError.

    With `dev`, also what the tests need: their packages and a copy of the front-end packages in
    the clone's static/vendor, since tests run from the clone.
    """
    machine.check_path(paths)
    machine.ensure(paths)
    progress = Progress()
    plan = Plan(paths, progress)
    with machine.alone(paths):
        newer.ensure(paths)
        parts = _chosen(plan, dev=dev, only=only)
        plan.check_room(parts)
        progress.expect("packages", "Packages of this machine")
        for part in parts:
            progress.expect(part.name, part.title)
        if not only:
            plan.host_packages([*host.RUNTIME, *(host.TESTING if dev else ())])
        plan.build(parts)
        plan.switch(parts)
        plan.prune(parts)
        if not only or set(only) & TOOLS:
            background.build(Plan(paths, Progress()))
        if dev and plan.vendor in parts:
            copy_vendor(plan.store.address(plan.vendor), SOURCE / "static" / "vendor")


def _chosen(plan: Plan, *, dev: bool, only: Sequence[str]) -> list[Part]:
    every: list[Part] = [*plan.first(), *([plan.venv_dev] if dev else []), *plan.later()]
    if dev and plan.node not in every and not system_node():
        every.insert(0, plan.node)  # the tests of the browser's code run on it
    if not only:
        return every
    only = [name for name in only if name not in TOOLS]
    known = {part.name: part for part in [*every, plan.venv_dev, plan.node, plan.uv]}
    unknown = [name for name in only if name not in known]
    if unknown:
        raise SetupError(f"There is no part {unknown[0]}; there are {', '.join(sorted({*known, *TOOLS}))}.")
    wanted = {*only, *(("venv", "vendor") if "app" in only else ())}
    chosen = [part for name, part in known.items() if name in wanted]
    return [*(part for part in plan.tools() if part not in chosen), *chosen]


def copy_vendor(entry: Path, folder: Path) -> None:
    """Make `folder` hold what the store's entry holds, unless it does already."""
    if folder.is_dir() and _same(filecmp.dircmp(entry, folder)):
        return
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(entry, folder)


def _same(compared: filecmp.dircmp[str]) -> bool:
    if compared.left_only or compared.right_only or compared.diff_files or compared.funny_files:
        return False
    return all(_same(below) for below in compared.subdirs.values())
