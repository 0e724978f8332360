"""Which parts there are, in their order, and the building of them with progress and logs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from lab.paths import Paths
from lab.setup import host, tools
from lab.setup.app import App
from lab.setup.errors import SetupError, explain, full, is_full, tail, too_little
from lab.setup.interpreter import fetched_python, system_python
from lab.setup.machine import open_log
from lab.setup.parts import Part, space
from lab.setup.progress import Progress
from lab.setup.store import Store
from lab.setup.vendor import Vendor
from lab.setup.venv import Venv

SOURCE = Path(__file__).resolve().parents[2]
"""The clone that set-up runs from."""


RUNNING = 64 << 20
"""Bytes that logs, the database and the processes' files take in a lab without sandboxes."""


BUILD, ARCHIVE, NONE = "build", "archive", "none"


def choice() -> str:
    """LAB_TOOLS: where Kubernetes comes from. Raises SetupError for what it cannot be."""
    found = os.environ.get("LAB_TOOLS") or BUILD
    if found not in (BUILD, ARCHIVE, NONE):
        raise SetupError(f"LAB_TOOLS is {found!r}; set it to {BUILD}, {ARCHIVE} or {NONE}.")
    return found


class Plan:
    """The parts of one lab, built in one data folder from one clone."""

    def __init__(self, paths: Paths, progress: Progress, source: Path = SOURCE) -> None:
        self.paths = paths
        self.progress = progress
        self.store = Store(paths)
        python = system_python() or fetched_python(paths) or Path(sys.executable).resolve()
        self.uv = tools.uv_part(paths.store)
        self.node = tools.node_part(paths.store)
        self.go = tools.go_part(paths.store)
        self.venv = Venv(source, python, self._uv_program, paths.store)
        self.venv_dev = Venv(source, python, self._uv_program, paths.store, dev=True)
        self.vendor = Vendor(source, self._npm, paths.store)
        self.app = App(
            source, paths, lambda: self.store.address(self.vendor), lambda: self.store.address(self.venv)
        )

    def first(self) -> list[Part]:
        """What the processes need to start."""
        return [*self.tools(), self.venv, self.vendor, self.app]

    def tools(self) -> list[Part]:
        """What builds the others: needed only when one of those is to be built."""
        parts: list[Part] = []
        if not self.ready(self.venv) or not self.ready(self.venv_dev):
            parts.append(self.uv)
        if not self.ready(self.vendor) and not tools.system_node():
            parts.append(self.node)
        return parts

    def later(self) -> list[Part]:
        """What sandboxes are made of; built while the page already answers."""
        from sandbox.images.build import PART as images
        from sandbox.rootfs.build import PART as rootfs

        return [rootfs, self.kubernetes()[-1] if self.kubernetes_ready() else images]

    def kubernetes(self) -> list[Part]:
        """What the profile `kubernetes` takes beyond that; built in the background, while sandboxes already work.
        Nothing where the operator wants no Kubernetes."""
        from sandbox.images.build import PART as images
        from sandbox.images.build import KubernetesImages
        from sandbox.tools.build import Tools

        if choice() == NONE:
            return []
        programs = Tools(self._go_program, self.paths.builds / "tools")
        return [
            programs,
            KubernetesImages(lambda: self.store.address(images), lambda: self.store.address(programs)),
        ]

    def kubernetes_ready(self) -> bool:
        """Whether all of that is built."""
        parts = self.kubernetes()
        return bool(parts) and all(map(self.ready, parts))

    def toolchain(self) -> list[Part]:
        """What builds it, and is not there."""
        programs = self.kubernetes()[:1]
        return [] if not programs or self.ready(programs[0]) or tools.system_go() else [self.go]

    def ready(self, part: Part) -> bool:
        return self.store.address(part).exists()

    def check_room(self, parts: Iterable[Part]) -> None:
        """Raises SetupError when the disk cannot hold what is to be built of these parts, and what a lab writes."""
        wanted = RUNNING + sum(space(part) for part in parts if not self.ready(part))
        free = shutil.disk_usage(self.paths.data).free
        if free < wanted:
            raise SetupError(too_little(self.paths.store, wanted, free))

    def host_packages(self, packages: Sequence[str] = host.RUNTIME) -> None:
        """Install what is missing of the machine's packages, saying which."""
        left = host.missing(packages)
        if not left:
            return
        self.progress.say(f"Installing packages of this machine: {', '.join(left)}")
        self.progress.start("packages")
        log = open_log(self.paths.log, "packages")
        with log.open("a") as out:
            host.install(
                left, lambda *words: self.progress.report("packages", *words), out,
                where=self.paths.data, say=self.progress.say,
            )  # fmt: skip
        self.progress.finish("packages")

    def build(self, parts: Iterable[Part]) -> list[str]:
        """Build those that are not there; the names of the ones that were built."""
        return [part.name for part in parts if self._build(part)]

    def switch(self, parts: Iterable[Part]) -> list[str]:
        """Make them current; the names of the ones that changed."""
        return [part.name for part in parts if self.store.switch(part)]

    def prune(self, parts: Iterable[Part]) -> None:
        for part in parts:
            self.store.prune(part.name)

    def _build(self, part: Part) -> bool:
        if self.ready(part):
            self.progress.finish(part.name)
            return False
        self.progress.start(part.name)
        log = open_log(self.paths.log, part.name)

        def report(done: int, total: int, note: str) -> None:
            self.progress.report(part.name, done, total, note)

        with log.open("a") as out:
            out.write(time.strftime("%Y-%m-%d %H:%M:%S\n"))
            try:
                built = self.store.ensure(part, report, out)
            except SetupError:
                raise
            except Exception as error:
                out.flush()
                raise SetupError(self._sentence(part, error, log), log=log) from error
        self.progress.finish(part.name)
        return built

    def _sentence(self, part: Part, error: Exception, log: Path) -> str:
        if isinstance(error, OSError) and is_full(error):
            return full(self.paths.store)
        if isinstance(error, subprocess.CalledProcessError):
            return explain(part.title, "\n".join(tail(log, 60)), self.paths.store)
        said = getattr(error, "message", None) or str(error) or type(error).__name__
        return f"{part.title}: {said}"

    def _uv_program(self) -> Path:
        return self.store.address(self.uv) / "bin" / "uv"

    def _go_program(self) -> Path:
        return tools.system_go() or tools.wheel_go(self.store.address(self.go))

    def _npm(self) -> Sequence[str | Path]:
        found = tools.system_node()
        return [found[1]] if found else tools.wheel_node(self.store.address(self.node))
