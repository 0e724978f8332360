"""The installed copy of the project, which is what the processes run and all that they can read of it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TextIO

from lab.paths import USER, Paths
from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError
from lab.setup.parts import Report

FOLDERS = ("lab", "lessons", "sandbox", "static", "templates")
FILES = ("manage.py",)
SETTINGS = ("LAB_DEBUG",)
"""Variables that what is built must not depend on: it serves every lab that shares the store."""
SKIP = {"__pycache__", "node_modules", "vendor"}


@dataclass(frozen=True)
class App:
    """A part: the project with the front-end packages and the collected static files, checked."""

    source: Path
    paths: Paths
    vendor: Callable[[], Path]
    """The store entry of the front-end packages, built or to be built."""
    venv: Callable[[], Path]
    """The store entry of the Python packages, likewise."""
    name: str = "app"
    title: str = "The lab"

    def inputs(self) -> Iterable[bytes]:
        yield self.vendor().name.encode()
        yield self.venv().name.encode()
        for name, executable, content in self._files:
            yield str(name).encode()
            yield b"x" if executable else b"-"
            yield content

    @cached_property
    def _files(self) -> list[tuple[Path, bool, bytes]]:
        """The project as it was at the first look: what is installed is what was hashed, whoever edits it."""
        return [
            (file.relative_to(self.source), os.access(file, os.X_OK), file.read_bytes())
            for file in project_files(self.source)
        ]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        report(0, 4, "copy")
        for name, executable, content in self._files:
            target = dest / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(0o755 if executable else 0o644)
        shutil.copytree(self.vendor(), dest / "static" / "vendor")
        report(1, 4, "static files")
        self._django(dest, log, "collectstatic", "--noinput", "--verbosity=0", unset=SETTINGS)
        report(2, 4, "compile")
        run(
            [self._python(), "-m", "compileall", "-q", "-s", dest, "-p", self.paths.app, dest],
            log, what=self.title, where=self.paths.store, cwd=dest,
        )  # fmt: skip
        report(3, 4, "check")
        try:
            self._django(dest, log, "check", user=True)
            self._django(dest, log, "checklessons", user=True)
        except SetupError as error:
            raise SetupError(
                "The lab: its own checks do not pass, so the version that ran before stays; mend what they "
                "name and run it again.", log=error.log,
            ) from error  # fmt: skip
        report(4, 4, "")

    def _python(self) -> Path:
        return self.venv() / "bin" / "python"

    def _django(
        self, dest: Path, log: TextIO, *words: str, user: bool = False, unset: Collection[str] = ()
    ) -> None:
        env = clean_environment(DJANGO_SETTINGS_MODULE="lab.settings", LAB_DATA=str(self.paths.data))
        env = {name: value for name, value in env.items() if name not in unset}
        env.pop("LAB_LESSONS", None)  # it is this project's own course that is checked
        run(
            [self._python(), "-m", "django", *words],
            log, what=self.title, where=self.paths.store, cwd=dest, env=env,
            user=USER if user and os.geteuid() == 0 else None,
        )  # fmt: skip


def project_files(source: Path) -> Iterator[Path]:
    """Every file of the project that is installed, in a fixed order."""
    for name in FILES:
        yield source / name
    for folder in FOLDERS:
        for where, below, names in os.walk(source / folder):
            below[:] = sorted(name for name in below if name not in SKIP and not name.startswith("."))
            for name in sorted(names):
                if not name.endswith((".pyc", "~", ".swp")) and not name.startswith("."):
                    yield Path(where) / name
