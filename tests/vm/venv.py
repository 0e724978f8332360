"""The virtual environment of the test machine, whose Python is not the host's.

The locked versions of the project's own dependencies and of what runs its tests, as wheels for the
guest's Python, laid out as a virtual environment and compiled by the guest's interpreter.
"""

from __future__ import annotations

import shutil
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run
from lab.setup.parts import Report
from lab.setup.plan import SOURCE
from tests.vm.disks import make_ext4
from tests.vm.recipe import PYTHON

PLATFORM = "x86_64-unknown-linux-gnu"
COMPILE = """
mount -o ro,loop "$1" "$2"
mount --bind "$3" "$2/mnt"
mount -t tmpfs tmpfs "$2/dev/shm"
mount -t tmpfs tmpfs "$2/tmp"
exec chroot "$2" python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /mnt/lib
"""


@dataclass(frozen=True)
class GuestVenv:
    """A set-up part: the environment's disk, labelled `lab-venv`."""

    uv: Path
    """uv's program."""
    machine: Path
    """The machine's folder in the store."""

    name = "vm-venv"
    title = "Test machine's Python packages"

    def inputs(self) -> Iterable[bytes]:
        for path in (SOURCE / "uv.lock", SOURCE / "pyproject.toml", Path(__file__)):
            yield path.read_bytes()
        yield self.machine.name.encode()

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill `dest`. Raises SetupError."""
        with tempfile.TemporaryDirectory(prefix="scratch-", dir=dest) as scratch:
            tree = Path(scratch, "tree")
            report(0, 2, "installing")
            self._install(tree, Path(scratch), log)
            report(1, 2, "compiling")
            self._compile(tree, Path(scratch), log)
            make_ext4(tree, dest / "disk.raw", "lab-venv", log)

    def _install(self, tree: Path, scratch: Path, log: TextIO) -> None:
        locked, wanted = scratch / "locked.txt", scratch / "wanted.txt"
        described = tomllib.loads((SOURCE / "pyproject.toml").read_text())
        testing = [
            name
            for name in described["dependency-groups"]["dev"]
            if name.startswith(("pytest", "websockets"))
        ]
        wanted.write_text("\n".join([*described["project"]["dependencies"], *testing]))
        export: list[str | Path] = [
            "export", "--project", SOURCE, "--frozen", "--no-emit-project", "--no-hashes", "--all-groups",
            "--quiet", "--output-file", locked,
        ]  # fmt: skip
        install: list[str | Path] = [
            "pip", "install", "--python", "/usr/bin/python3", "--python-version", PYTHON,
            "--python-platform", PLATFORM, "--only-binary", ":all:", "--link-mode", "copy",
            "--target", tree / "lib" / f"python{PYTHON}" / "site-packages",
            "--constraints", locked, "--requirements", wanted,
        ]  # fmt: skip
        env = clean_environment(UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1")
        for argv in (export, install):
            run([self.uv, *argv], log, what=self.title, where=scratch, env=env)
        (tree / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
        (tree / "bin").mkdir()
        (tree / "bin" / "python3").symlink_to("/usr/bin/python3")
        (tree / "bin" / "python").symlink_to("python3")

    def _compile(self, tree: Path, scratch: Path, log: TextIO) -> None:
        """Byte code made here saves an emulated processor a minute. The mounts end with their namespace."""
        root = scratch / "root"
        root.mkdir()
        run(
            ["unshare", "--mount", "sh", "-euc", COMPILE, "sh", self.machine / "disk.raw", root, tree],
            log, what=self.title, where=scratch,
        )  # fmt: skip
        shutil.rmtree(root)
