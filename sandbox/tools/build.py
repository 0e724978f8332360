"""Set-up's part "tools": compiles the programs that `sandbox.tools.modules` names. Standard library only.

Whatever ends it in the middle, the next run goes on: what Go has compiled is in its build cache, and each
module's finished programs are kept under what decides them.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from lab.setup.commands import clean_environment, run, since
from lab.setup.errors import SetupError, full
from lab.setup.parts import Report
from lab.setup.store import remove
from lab.setup.tools import go_release
from sandbox.tools import modules
from sandbox.tools.modules import MODULES, Module

FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-modcacherw")
COMPILE = "all=-dwarf=false"
"""Nothing is said to debuggers, for what is linked would leave that out: a tenth less to do."""
COMPILED = re.compile(r"[^\s:]+/[^\s:]+|[a-z][a-z0-9]*")
"""A line of `go build -v`: the package that is compiled now."""
PACKAGE = "{{.ImportPath}} {{with .Module}}{{.Version}}{{end}}"
"""What `go list` says of a package: with its version, for two modules may want two of them."""
REFUSED = re.compile(
    r"dial tcp|no such host|i/o timeout|connection refused|TLS handshake|unexpected EOF|proxyconnect"
    r"|unrecognized import path|: (?:40[0-9]|41[0-9]|5[0-9][0-9]) |module lookup disabled|server misbehaving",
    re.IGNORECASE,
)
KILLED = re.compile(r"signal: killed|cannot allocate memory|out of memory")
MODULE = re.compile(r"\b([a-z0-9.-]+\.[a-z]+(?:/[\w.~-]+)+)@(v[\w.+-]+)")


class Tools:
    """The set-up part `tools`; its folder is a piece of a root filesystem. `go` gives the toolchain's
    program, and is asked for only when building; `work` is a folder that is kept between builds."""

    name = "tools"
    title = "Kubernetes"

    def __init__(self, go: Callable[[], Path], work: Path) -> None:
        self.go = go
        self.work = work

    def inputs(self) -> Iterable[bytes]:
        """The pins, and how they are built. Which Go does it is left open, from the one that they ask for."""
        yield platform.machine().encode()
        for path in (Path(__file__), Path(modules.__file__)):
            yield path.read_bytes()
        for module in MODULES:
            yield from (module.name.encode(), *module.files())

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill `dest`. Raises SetupError with one sentence for what is missing, and how to go on."""
        self.work.mkdir(parents=True, exist_ok=True)
        builder = _Builder(self.go(), self.work, report, log)
        finished = [builder.finished(module) for module in MODULES]
        builder.count([module for module, there in zip(MODULES, finished, strict=True) if not there.is_dir()])
        for module, there in zip(MODULES, finished, strict=True):
            if not there.is_dir():
                builder.build(module, there)
            shutil.copytree(there, dest, dirs_exist_ok=True, copy_function=_link)
        versions = dest / modules.VERSIONS
        versions.parent.mkdir(parents=True)
        versions.write_text(modules.shell(modules.versions()))
        builder.tidy(finished)


class _Builder:
    """Runs Go in folders of its own below `work`, and says how far that is."""

    def __init__(self, go: Path, work: Path, report: Report, log: TextIO) -> None:
        self.go, self.work, self.report, self.log = go, work, report, log
        self.release = go_release(go)
        self.total = self.done = 0
        self.counts: dict[str, int] = {}
        self.environment = clean_environment(
            GOPATH=str(work / "go"),
            GOMODCACHE=str(work / "go" / "mod"),
            GOCACHE=str(work / "go" / "cache"),
            GOTMPDIR=str(work / "tmp"),
            GOFLAGS=" ".join(FLAGS),
            GOTOOLCHAIN="local",
            GOWORK="off",
            CGO_ENABLED="0",
        )
        remove(work / "tmp")  # of a build that was interrupted
        (work / "tmp").mkdir()

    def finished(self, module: Module) -> Path:
        """Where the module's programs lie, or will lie, complete once the folder exists."""
        digest = hashlib.sha256()
        for piece in (repr((module, FLAGS, COMPILE, self.release)).encode(), *module.files()):
            digest.update(len(piece).to_bytes(8, "big") + piece)
        return self.work / "finished" / f"{module.name}-{digest.hexdigest()[:12]}"

    def count(self, left: Sequence[Module]) -> None:
        """Fetch what is missing of the sources, and count the packages that go into each and none before it."""
        known = set[str]()
        for number, module in enumerate(left, 1):
            self.report(0, 0, f"fetching {module.title} ({number} of {len(left)})")
            began = self.log.tell()
            listed = subprocess.run(
                [self.go, "list", "-deps", "-f", PACKAGE, *module.packages().values()],
                cwd=module.root, env=self.environment, text=True, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log,
            )  # fmt: skip
            if listed.returncode != 0:
                raise SetupError(explain(module, since(self.log, began)), log=Path(self.log.name))
            packages = set(listed.stdout.splitlines()) - known
            self.counts[module.name] = len(packages)
            known |= packages
        self.total = sum(self.counts.values())

    def build(self, module: Module, there: Path) -> None:
        building = there.with_name(f".{there.name}.building")
        remove(building)
        target = building / module.target
        target.mkdir(parents=True)
        began, before, seen = self.log.tell(), self.done, set[str]()
        count = self.counts[module.name]

        def watch() -> None:
            nonlocal began
            with Path(self.log.name).open(errors="replace") as written:
                written.seek(began)
                for line in iter(written.readline, ""):
                    if not line.endswith("\n"):
                        break
                    began = written.tell()
                    seen.update([line] if COMPILED.fullmatch(line.strip()) else [])
            self.report(before + min(len(seen), count), self.total, module.title)

        for name, packages in _outputs(module):
            self._go(
                module, "build", "-v", "-gcflags", COMPILE, "-ldflags", module.link(),
                "-o", target / name, *packages, watch=watch,
            )  # fmt: skip
        for source, name in module.copied.items():
            copied = building / name
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._source(module, source), copied)
        building.rename(there)
        self.done = before + count
        self.report(self.done, self.total, module.title)

    def tidy(self, finished: Sequence[Path]) -> None:
        """Keep the programs, which share their bytes with the part, and nothing else."""
        for old in (self.work / "finished").iterdir():
            if old not in finished:
                remove(old)
        for folder in ("go", "tmp"):
            remove(self.work / folder)

    def _source(self, module: Module, path: str) -> Path:
        """A file of one of the modules that go into this one, which is longer than a module's path by
        what stands behind it."""
        parts = path.split("/")
        asked = subprocess.run(
            [self.go, "list", "-m", "-f", "{{.Dir}}", "/".join(parts[:2])],
            cwd=module.root, env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return Path(asked.stdout.strip(), *parts[2:])

    def _go(self, module: Module, *words: str | Path, watch: Callable[[], None] | None = None) -> None:
        began = self.log.tell()
        try:
            run(
                [self.go, *words], self.log, what=module.title, where=self.work, cwd=module.root,
                env=self.environment, watch=watch,
            )  # fmt: skip
        except SetupError as error:
            if error.message == full(self.work):
                raise
            raise SetupError(explain(module, since(self.log, began)), log=error.log) from error


def explain(module: Module, said: str) -> str:
    """One sentence for a module that could not be built, by what Go printed last."""
    begin = f"The tools of Kubernetes are incomplete: {module.title} {module.version()}"
    retry = "run `make up` again, which goes on where this stopped"
    wrong = "SECURITY ERROR" in said or "checksum mismatch" in said
    if wrong or REFUSED.search(said):
        found = MODULE.search(said)
        what = f"the Go module {found[1]} {found[2]}" if found else "a Go module"
        if wrong:
            return (
                f"{begin} is missing, because {what} is not the one that go.sum lists; name another "
                f"proxy with GOPROXY and {retry}."
            )
        return (
            f"{begin} is missing, because {what} cannot be fetched; check this machine's network, its proxy "
            f"settings and GOPROXY, and {retry}."
        )
    if KILLED.search(said):
        return f"{begin} is missing, because memory ran out while it was compiled; free some and {retry}."
    return f"{begin} does not compile; the last lines of the log say why; mend that and {retry}."


def _outputs(module: Module) -> list[tuple[str, list[str]]]:
    """What `go build -o` is given: all packages at once into a folder, where that names programs rightly."""
    packages = module.packages()
    if all(package.endswith(f"/{name}") for name, package in packages.items()):
        return [("", list(packages.values()))]
    return [(name, [package]) for name, package in packages.items()]


def _link(source: str, target: str) -> str:
    """A second name for a finished file, or a copy on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target
