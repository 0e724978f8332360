"""The root filesystem that all sandboxes share: Debian packages and the few files beside this module.

Standard library only: set-up runs it on the system's Python before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

SUITE = "trixie"
HERE = Path(__file__).resolve().parent
FILES = HERE / "files"
REVISION = b"1"
"""Raised when the recipe below changes in a way that its inputs do not show."""

Report = Callable[[int, int, str], None]

STAGES = (
    ("I: downloading", "downloading packages"),
    ("I: extracting", "unpacking the essential packages"),
    ("I: installing essential", "setting up the essential packages"),
    ("I: installing remaining", "setting up the other packages"),
    ("I: cleaning", "cleaning up"),
)

DROP = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
    "path-exclude=/usr/share/info/*",
)


def packages() -> list[str]:
    """Names of the packages, as listed in packages.txt."""
    lines = (HERE / "packages.txt").read_text().splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


class Rootfs:
    """The set-up part `rootfs`; see lab/setup/parts.py for what a part is."""

    name = "rootfs"
    title = "Sandbox root filesystem"

    def inputs(self) -> Iterable[bytes]:
        yield SUITE.encode()
        yield REVISION
        yield (HERE / "packages.txt").read_bytes()
        yield Path(__file__).read_bytes()
        for path in sorted(FILES.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(FILES)).encode()
                yield path.read_bytes()

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill `dest`. Raises subprocess.CalledProcessError, with mmdebstrap's words in the log."""
        total = len(STAGES) + 1
        argv = [
            "mmdebstrap", "--variant=minbase", "--mode=root", "--format=directory", "--skip=check/empty",
            *[f"--dpkgopt={option}" for option in DROP],
            f"--include={','.join(packages())}",
            SUITE, str(dest),
        ]  # fmt: skip
        mirror = os.environ.get("LAB_DEBIAN_MIRROR")
        if mirror:
            argv.append(mirror)
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout
        try:
            for line in process.stdout:
                log.write(line)
                for index, (start, what) in enumerate(STAGES):
                    if line.startswith(start):
                        report(index, total, what)
        except BaseException:  # set-up is being ended: mmdebstrap unmounts what it mounted
            process.terminate()
            process.wait()
            raise
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, argv)
        report(total - 1, total, "adding the lab's own files")
        _finish(dest)
        report(total, total, "")


def _finish(root: Path) -> None:
    shutil.copytree(FILES, root, dirs_exist_ok=True)
    for path in FILES.rglob("*"):
        target = root / path.relative_to(FILES)
        os.chown(target, 0, 0)
        executable = path.is_file() and path.read_bytes().startswith(b"#!")
        target.chmod(0o755 if path.is_dir() or executable else 0o644)
    subprocess.run(
        ["chroot", str(root), "useradd", "--create-home", "--uid", "1000", "--shell", "/bin/bash", "learner"],
        check=True,
    )
    for name in ("root", "home/learner"):
        with (root / name / ".bashrc").open("a") as file:
            file.write("\n. /usr/lib/lab/prompt.bash\n")
    for device in (root / "dev").iterdir():
        if device.is_char_device() or device.is_block_device():
            device.unlink()  # sandboxes get theirs from their runtime
    (root / "etc/machine-id").write_text("")
    for name in ("etc/resolv.conf", "etc/hostname"):
        (root / name).unlink(missing_ok=True)


PART = Rootfs()
