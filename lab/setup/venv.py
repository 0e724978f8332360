"""The locked Python dependencies, installed by uv."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run
from lab.setup.parts import Report


@dataclass(frozen=True)
class Venv:
    """A part: the environment that uv.lock describes, with or without the development groups."""

    source: Path
    python: Path
    uv: Callable[[], Path]
    """uv's program; asked for only when building, because it is built itself."""
    store: Path
    dev: bool = False

    @property
    def name(self) -> str:
        return "venv-dev" if self.dev else "venv"

    @property
    def title(self) -> str:
        return "Python packages for the tests" if self.dev else "Python packages"

    def inputs(self) -> Iterable[bytes]:
        described = subprocess.run(
            [self.python, "-c", "import sys, sysconfig; print(sys.version, sysconfig.get_platform())"],
            capture_output=True, check=True,
        )  # fmt: skip
        return [
            (self.source / "uv.lock").read_bytes(),
            str(self.python).encode(),
            described.stdout,
            str(self._groups()).encode(),
        ]

    def _groups(self) -> list[str]:
        return ["--all-groups"] if self.dev else ["--no-default-groups"]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        uv = self.uv()
        total = self._count(uv)
        site = dest / "lib"

        def count() -> None:
            done = len(list(site.glob("python3*/site-packages/*.dist-info")))
            report(min(done, total), total, "")

        count()
        with tempfile.TemporaryDirectory(prefix="lab-venv-") as folder:
            project = self._project(Path(folder))
            env = clean_environment(
                UV_PROJECT_ENVIRONMENT=str(dest), UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1"
            )
            what, where = self.title, self.store
            # Relocatable: it is built beside its final place and then moved there.
            run(
                [uv, "venv", "--relocatable", "--allow-existing", "--python", self.python, dest],
                log, what=what, where=where, env=env, cwd=project,
            )  # fmt: skip
            run(
                [uv, "sync", "--frozen", "--compile-bytecode", *self._groups(), "--python", self.python],
                log, what=what, where=where, env=env, cwd=project, watch=count,
            )  # fmt: skip

    def _project(self, folder: Path) -> Path:
        """A copy of what uv reads, so that it never writes into the clone."""
        for name in ("pyproject.toml", "uv.lock"):
            shutil.copyfile(self.source / name, folder / name)
        (folder / "README.md").touch()
        return folder

    def _count(self, uv: Path) -> int:
        """How many packages the lock has for this environment; 0 when uv cannot say."""
        with tempfile.TemporaryDirectory(prefix="lab-venv-") as folder:
            asked = subprocess.run(
                [uv, "export", "--frozen", "--no-hashes", "--no-annotate", *self._groups()],
                cwd=self._project(Path(folder)), env=clean_environment(),
                capture_output=True, text=True, check=False,
            )  # fmt: skip
        return len(re.findall(r"(?m)^[A-Za-z0-9]", asked.stdout))
