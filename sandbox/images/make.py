"""From an image's description to its root filesystem and layers: one function for each recipe."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from sandbox.errors import SandboxError
from sandbox.images import debian, layers, program
from sandbox.images.manifest import FROM_TOOLS, Image
from sandbox.images.oci import Step

_FOLDERS = ("bin", "dev", "etc", "proc", "sys")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Built:
    """An image made: `root` is its filesystem, `layers` what it is made of, the lowest first.

    `epoch` is when its newest package was made, in seconds since 1970; `below` the image it lies on.
    """

    root: Path
    scan: layers.Tree
    layers: tuple[Step, ...]
    tags: tuple[str, ...]
    version: str | None
    suite: str | None
    epoch: int
    below: str | None = None


Recipe = Callable[[Image, Mapping[str, Built], Path, TextIO], Built]


def make(
    image: Image, built: Mapping[str, Built], work: Path, log: TextIO, tools: Path | None = None
) -> Built:
    """Make `image` below the folder `work`; `built` holds those made before it, `tools` is that part's folder.

    Raises SandboxError, and ManifestError when a tag does not fit the version Debian has.
    """
    recipes: dict[str, Recipe] = {
        "debian": _debian, "layer": _layer, "busybox": _busybox, "program": _program,
        "c": _c, "tool": partial(_tool, tools),
    }  # fmt: skip
    try:
        return recipes[image.recipe](image, built, work, log)
    except layers.LayerError as error:
        raise SandboxError(f"The image {image.name} cannot be made: {error}.") from error


def _debian(image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    assert image.suite
    root = work / image.name
    debian.bootstrap(root, image.suite, image.packages, log)
    epoch = _epoch(debian.newest_package(root))
    debian.date_passwords(root, epoch)
    _configure(image, root, log)
    return _single(image, root, epoch, f"mmdebstrap --variant=minbase {image.suite}")


def _layer(image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    assert image.base
    base = built[image.base]
    assert base.suite
    root = work / image.name
    debian.extend(root, base.root, base.suite, image.packages, log)
    epoch = _epoch(debian.newest_package(root))
    debian.date_passwords(root, epoch)
    version, tags = _version(image, root)
    packages = layers.scan(root)
    install = f"RUN apt-get install --no-install-recommends {' '.join(image.packages)}"
    steps = [
        *base.layers,
        Step(install, layers.write(root, packages, work / f"{image.name}.1", epoch, base.scan)),
    ]
    scan = packages
    if changes := _configure(image, root, log):
        scan = layers.scan(root)
        steps.append(Step(changes, layers.write(root, scan, work / f"{image.name}.2", epoch, packages)))
    return Built(root, scan, tuple(steps), tags, version, base.suite, epoch, image.base)


def _busybox(image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    assert image.suite
    packages, root = work / f"{image.name}.packages", work / image.name
    debian.extract(packages, image.suite, image.packages, log)
    version, tags = _version(image, packages)
    for name in _FOLDERS:
        (root / name).mkdir(parents=True)
    binary = root / "bin/busybox"
    found = [path for path in (packages / "usr/bin/busybox", packages / "bin/busybox") if path.is_file()]
    if not found:
        raise SandboxError(f"The image {image.name} cannot be made: its packages hold no busybox program.")
    found[0].rename(binary)
    commands = subprocess.run([binary, "--list"], check=True, capture_output=True, text=True)
    for command in set(commands.stdout.split()) - {"busybox"}:
        os.link(binary, root / "bin" / command)
    epoch = _epoch(int(binary.stat().st_mtime))
    _configure(image, root, log)
    scan = layers.scan(root)
    step = Step("busybox --install /bin", layers.write(root, scan, work / f"{image.name}.1", epoch))
    return Built(root, scan, (step,), tags, version, None, epoch)


def _program(image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    root = work / image.name
    root.mkdir()
    message = (image.files / "message.txt").read_bytes()
    try:
        content = program.printer(message, platform.machine())
    except ValueError as error:
        raise SandboxError(f"The image {image.name} cannot be made: {error}.") from error
    executable = root / image.cmd[0].lstrip("/")
    executable.write_bytes(content)
    executable.chmod(0o755)
    epoch = _epoch(max((other.epoch for other in built.values()), default=0))
    return _single(image, root, epoch, f"COPY {executable.name} /")


def _c(image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    assert image.suite
    root = work / image.name.replace("/", ".")
    debian_root = root.with_suffix(".compiler")
    debian.bootstrap(debian_root, image.suite, image.packages, log)
    target = root / image.program.relative_to("/")
    target.parent.mkdir(parents=True)
    sources = sorted(image.files.glob("*.c"))
    for source in sources:
        shutil.copyfile(source, debian_root / "tmp" / source.name)
    compiler = ["gcc", "-Os", "-static", "-s", "-Wall", "-o", "/tmp/program"]
    done = subprocess.run(
        ["chroot", str(debian_root), *compiler, *(f"/tmp/{source.name}" for source in sources)],
        stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": _PATH, "LC_ALL": "C.UTF-8"}, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise SandboxError(
            f"The image {image.name} cannot be made: its program does not compile; the log says why."
        )
    shutil.copyfile(debian_root / "tmp" / "program", target)
    target.chmod(0o755)
    return _single(image, root, _epoch(debian.newest_package(debian_root)), f"COPY {target.name} /")


def _tool(tools: Path | None, image: Image, built: Mapping[str, Built], work: Path, log: TextIO) -> Built:
    assert tools
    root = work / image.name.replace("/", ".")
    target = root / image.program.relative_to("/")
    target.parent.mkdir(parents=True)
    shutil.copyfile(tools / "usr/local/bin" / target.name, target)
    target.chmod(0o755)
    # Which day it was compiled on must not make it another image.
    return _single(image, root, _epoch(0), f"COPY {target.name} {image.program.parent}")


def _single(image: Image, root: Path, epoch: int, made_by: str) -> Built:
    version, tags = (None, image.tags) if image.recipe in FROM_TOOLS else _version(image, root)
    scan = layers.scan(root)
    step = Step(made_by, layers.write(root, scan, root.with_name(f"{root.name}.1"), epoch))
    return Built(root, scan, (step,), tags, version, image.suite, epoch)


def _epoch(newest: int) -> int:
    """SOURCE_DATE_EPOCH where it is set, otherwise `newest`: the same packages give the same image."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or newest)


def _version(image: Image, root: Path) -> tuple[str | None, tuple[str, ...]]:
    """The full version and the tags; raises ManifestError when they do not fit each other."""
    version = debian.version(root, image.version) if image.version else None
    return version, tuple(image.full_tags(version))


def _configure(image: Image, root: Path, log: TextIO) -> str:
    """Copy the image's files in, run its set-up commands; returns what was done, as history says it."""
    done = []
    if image.files.is_dir():
        for source in sorted(path for path in image.files.rglob("*") if path.is_file()):
            target = root / source.relative_to(image.files)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755 if source.stat().st_mode & 0o100 else 0o644)
            done.append(f"COPY {source.relative_to(image.files)} /{target.parent.relative_to(root)}/")
    if image.setup:
        log.write(f"{image.name}: {image.setup}\n")
        log.flush()
        result = subprocess.run(
            ["chroot", str(root), "/bin/sh", "-euc", image.setup],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
            check=False,
        )
        if result.returncode != 0:
            raise SandboxError(
                f"The image {image.name} cannot be made: its setup commands failed; the log says why."
            )
        done.append(f"RUN {' && '.join(image.setup.strip().splitlines())}")
    return "; ".join(done)
