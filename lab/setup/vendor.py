"""The front end's packages: what the page loads of each, from npm."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run
from lab.setup.errors import SetupError
from lab.setup.parts import Report

RECIPE = b"1"
WANTED = ("lib/*.mjs", "lib/*.mjs.map", "css/*.css", "LICENSE*")


@dataclass(frozen=True)
class Vendor:
    """A part: `<package without its scope>/` for each dependency, its modules and styles side by side."""

    source: Path
    npm: Callable[[], Sequence[str | Path]]
    """The words that start npm; asked for only when building."""
    store: Path
    name: str = "vendor"
    title: str = "Front-end packages"

    def inputs(self) -> Iterable[bytes]:
        return [
            RECIPE,
            (self.source / "package.json").read_bytes(),
            (self.source / "package-lock.json").read_bytes(),
            repr(WANTED).encode(),
        ]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        wanted = sorted(json.loads((self.source / "package.json").read_text())["dependencies"])
        npm = self.npm()
        with tempfile.TemporaryDirectory(prefix="lab-npm-") as folder:
            project = Path(folder)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(self.source / name, project / name)
            modules = project / "node_modules"

            def count() -> None:
                done = sum((modules / name / "package.json").exists() for name in wanted)
                report(done, len(wanted), "")

            node_folder = str(Path(npm[0]).parent)
            env = clean_environment()
            env["PATH"] = f"{node_folder}:{env.get('PATH', '')}"
            run(
                [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=2",
                 "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
                log, what=self.title, where=self.store, cwd=project, env=env, watch=count,
            )  # fmt: skip
            count()
            for name in wanted:
                self._take(modules / name, dest / name.rpartition("/")[2])

    def _take(self, package: Path, folder: Path) -> None:
        folder.mkdir()
        for pattern in WANTED:
            for found in package.glob(pattern):
                shutil.copyfile(found, folder / found.name)
        if not list(folder.glob("*.mjs")):
            raise SetupError(f"{self.title}: {package.name} holds no module; set-up must learn its layout.")
