"""One file with what sandboxes are made of: written on a machine that has built it, read where nothing is built.

It is a gzipped tar archive: `manifest.json` first, then the folders of the store that it lists. The Python and
front-end packages are in it as well, for machines whose Python is the same, so that these need no index either.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from lab.paths import Paths
from lab.setup import machine, prepare
from lab.setup.errors import SetupError, full, too_little
from lab.setup.parts import Part, Report
from lab.setup.plan import Plan
from lab.setup.progress import Progress
from lab.setup.store import Store, remove

FORMAT = 1
MANIFEST = "manifest.json"
OPTIONS = ("--numeric-owner", "--xattrs", "--xattrs-include=*")
"""Of GNU tar: programs in a root filesystem have owners and capabilities."""
CHUNK = 1 << 20
MIB = 1 << 20
AGAIN = "write it anew with `make tools-archive` on a machine that has this version of the lab"


@dataclass(frozen=True)
class Contents:
    """What an archive says of itself: `entries` are folders of the store by part, `size` their bytes."""

    format: int
    machine: str
    entries: dict[str, str]
    size: int


def path(paths: Paths) -> Path:
    """LAB_TOOLS_ARCHIVE, or the file of this machine's kind in the data folder."""
    given = os.environ.get("LAB_TOOLS_ARCHIVE")
    return Path(given).absolute() if given else paths.data / f"lab-tools-{platform.machine()}.tar.gz"


def needed(plan: Plan) -> list[Part]:
    """The parts that an archive must hold."""
    return [plan.later()[0], *plan.kubernetes()]


def extra(plan: Plan) -> list[Part]:
    return [plan.venv, plan.vendor]


def write(paths: Paths) -> None:
    """`make tools-archive`: build what is missing, and put it into one file. Raises SetupError."""
    file = path(paths)
    if not file.parent.is_dir():
        raise SetupError(
            f"There is no folder {file.parent} for the archive; LAB_TOOLS_ARCHIVE names its file."
        )
    machine.check_path(paths)
    machine.ensure(paths)
    plan = Plan(paths, Progress())
    with machine.alone(paths):
        plan.progress.expect("packages", "Packages of this machine")
        plan.host_packages()
    prepare.prepare(paths, dev=False, only=("rootfs", "images", "tools"))
    parts = needed(plan)
    if len(parts) == 1:
        raise SetupError(
            "There is nothing for Kubernetes where LAB_TOOLS is none; write the archive without it."
        )
    progress = Progress()
    progress.expect("archive", "Archive")
    progress.start("archive")
    parts += [part for part in extra(plan) if plan.ready(part)]
    pack(plan.store, parts, file, lambda *words: progress.report("archive", *words))
    progress.finish("archive")
    print(f"{file} holds {', '.join(part.name for part in parts)} ({file.stat().st_size / MIB:.0f} MiB).")
    print(f"Elsewhere: sudo make up LAB_TOOLS=archive LAB_TOOLS_ARCHIVE=/path/to/{file.name}")


def unpack(plan: Plan, report: Report) -> None:
    """Fill the store from the archive with what is not there. Raises SetupError with one sentence."""
    take(plan.store, needed(plan), extra(plan), path(plan.paths), report)


def pack(store: Store, parts: Sequence[Part], file: Path, report: Report) -> None:
    """Write the archive of parts that are built. Raises SetupError."""
    names = {part.name: store.address(part).name for part in parts}
    size = sum(_size(store.root / name) for name in names.values())
    fresh = file.with_name(f".{file.name}.new")
    try:
        _pack(store.root, Contents(FORMAT, platform.machine(), names, size), fresh, report)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def take(store: Store, needed: Sequence[Part], extra: Sequence[Part], file: Path, report: Report) -> None:
    """Fill the store with those that are not there; of `extra`, which may be of another machine's kind, with
    those that the archive has. Raises SetupError with one sentence."""
    wanted, welcome = (
        {part.name: store.address(part).name for part in parts if not store.address(part).exists()}
        for parts in (needed, extra)
    )
    if not wanted:
        return
    contents = read(file)
    _must_fit(file, contents, wanted)
    taken = [name for part, name in contents.entries.items() if name in (wanted.get(part), welcome.get(part))]
    store.root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(store.root).free
    if free < contents.size:
        raise SetupError(too_little(store.root, contents.size, free))
    unpacking = store.root / ".archive.unpacking"
    remove(unpacking)
    unpacking.mkdir(mode=0o700)
    try:
        _unpack(file, taken, unpacking, report)
        if not all((unpacking / name).is_dir() for name in taken):
            raise SetupError(_damaged(file))
        for name in taken:
            if not (store.root / name).exists():
                (unpacking / name).rename(store.root / name)
    finally:
        remove(unpacking)


def read(file: Path) -> Contents:
    """What an archive says that it holds. Raises SetupError when it is none."""
    try:
        with tarfile.open(file, "r|gz") as archive:
            first = archive.next()
            content = archive.extractfile(first) if first and first.name == MANIFEST else None
            if content is None:
                raise ValueError(file)
            found = Contents(**json.loads(content.read(CHUNK)))
    except FileNotFoundError:
        raise SetupError(
            f"There is no archive {file}; LAB_TOOLS_ARCHIVE names it, and LAB_TOOLS=build does without."
        ) from None
    except PermissionError as error:
        raise SetupError(f"The archive {file} cannot be read ({error.strerror}).") from None
    except (OSError, EOFError, ValueError, TypeError, tarfile.TarError):
        raise SetupError(f"{file} is no archive that `make tools-archive` has written.") from None
    if found.format != FORMAT:
        raise SetupError(f"The archive {file} is of another version of the lab; {AGAIN}.")
    return found


def _must_fit(file: Path, contents: Contents, wanted: dict[str, str]) -> None:
    """Raises SetupError where it was written for another machine or by another version."""
    if contents.machine != platform.machine():
        raise SetupError(
            f"The archive {file} is for {contents.machine}, and this machine is {platform.machine()}; write one "
            "on a machine of this kind."
        )
    for part, name in wanted.items():
        if contents.entries.get(part) != name:
            has = contents.entries.get(part, f"no {part}")
            raise SetupError(
                f"The archive {file} is of another version of the lab: it holds {has}, and this one needs "
                f"{name}; {AGAIN}."
            )


def _pack(root: Path, contents: Contents, target: Path, report: Report) -> None:
    tar = ["tar", *OPTIONS, "--sort=name", "-C", str(root), "-cf", "-", *contents.entries.values()]
    with (
        target.open("wb") as out,
        _program(["gzip", "-1"], stdin=subprocess.PIPE, stdout=out) as compressor,
        _program(tar, stdout=subprocess.PIPE) as source,
    ):
        assert compressor.stdin and source.stdout
        with contextlib.suppress(BrokenPipeError):  # then its status says so
            compressor.stdin.write(_head(contents))
            _copy(source.stdout, compressor.stdin, contents.size, report)
            compressor.stdin.close()
        source.stdout.close()
        if compressor.wait():
            raise SetupError(full(target.parent))
        if source.wait():
            raise SetupError(f"The archive {target} could not be written; what tar says of it stands above.")


def _head(contents: Contents) -> bytes:
    """The archive's first member, without the end mark: what tar writes goes on after it."""
    manifest = json.dumps(asdict(contents), indent=2).encode()
    about = tarfile.TarInfo(MANIFEST)
    about.size, about.mode = len(manifest), 0o644
    padding = bytes(-len(manifest) % tarfile.BLOCKSIZE)
    return about.tobuf() + manifest + padding


def _unpack(file: Path, names: list[str], target: Path, report: Report) -> None:
    tar = ["tar", *OPTIONS, "-C", str(target), "-xzf", "-", *names]
    with (
        file.open("rb") as archive,
        tempfile.TemporaryFile() as said,
        _program(tar, stdin=subprocess.PIPE, stderr=said) as process,
    ):
        assert process.stdin
        with contextlib.suppress(BrokenPipeError):  # its reason is in what it says
            _copy(archive, process.stdin, file.stat().st_size, report)
            process.stdin.close()
        if process.wait():
            said.seek(0)
            raise SetupError(full(target.parent) if b"No space left" in said.read() else _damaged(file))


@contextlib.contextmanager
def _program(argv: Sequence[str], **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program that does not outlive the block."""
    process = subprocess.Popen(argv, **pipes)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if pipe:
                    pipe.close()
        process.wait()


def _damaged(file: Path) -> str:
    return f"The archive {file} is damaged or incomplete; copy it once more, or {AGAIN}."


def _copy(source: IO[bytes], target: IO[bytes], size: int, report: Report) -> int:
    """Copy all; bytes copied. Reports MiB."""
    done = 0
    while chunk := source.read(CHUNK):
        target.write(chunk)
        done += len(chunk)
        report(min(done, size) // MIB, max(1, size // MIB), "MiB")
    return done


def _size(folder: Path) -> int:
    return sum(found.lstat().st_size for found in folder.rglob("*"))
