"""The machine's own packages: which ones are needed, which are missing, and how they get there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from lab.setup import apt
from lab.setup.commands import clean_environment, run, since
from lab.setup.conflicts import conflicts_told
from lab.setup.errors import SetupError
from lab.setup.parts import Report

RUNTIME = (
    "ca-certificates",
    "debian-archive-keyring",
    "dnsmasq-base",
    "docker-registry",
    "e2fsprogs",
    "iproute2",
    "kmod",
    "mmdebstrap",
    "mount",
    "nftables",
    "procps",
    "python3-venv",
    "redis-server",
    "runc",
    "skopeo",
    "uidmap",
    "util-linux",
)
"""What running the lab takes."""

TESTING = ("chromium", "docker.io", "fonts-dejavu-core", "git", "qemu-system-x86")
"""What the tests and benchmarks take beyond it."""

PROGRAMS = {"docker.io": ("docker", "dockerd"), "runc": ("runc",)}
"""Packages that others stand in for, such as Docker's own: present wherever all their programs are."""

SERVICES = {
    "redis-server": ("redis-server.service",),
    "docker-registry": ("docker-registry.service",),
    "docker.io": ("docker.service", "docker.socket"),
    "containerd": ("containerd.service",),
}
"""Packages that start a service when they are installed; the lab runs its own, privately."""

POLICY = Path("/usr/sbin/policy-rc.d")


def missing(packages: Iterable[str] = RUNTIME) -> list[str]:
    """The packages that are not there, by their name or by their programs, in order.

    Raises SetupError without dpkg.
    """
    wanted = list(packages)
    if not shutil.which("dpkg-query"):
        raise SetupError(
            "This machine has no apt: the lab sets itself up on Debian and Ubuntu; elsewhere install "
            f"what provides {', '.join(wanted)}, or use a Debian machine."
        )
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\\n", *wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    installed = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed and not _stood_in_for(name)]


def _stood_in_for(package: str) -> bool:
    programs = PROGRAMS.get(package, ())
    return bool(programs) and all(shutil.which(program) for program in programs)


def install(
    packages: Sequence[str], report: Report, log: TextIO, *, where: Path, say: Callable[[str], None]
) -> None:
    """Install packages by apt, without letting any start or enable a service, or any other be removed.

    A service that was installed before stays as it is. Where another program is using apt, `say` is
    told and it is waited for. Raises SetupError when apt fails.
    """
    if os.geteuid() != 0:
        raise SetupError(f"{', '.join(packages)} must be installed; run this as root.")
    new = [name for name in SERVICES if name in missing(SERVICES)]
    what = "Host packages"
    env = clean_environment(DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    with _AptStatus(report) as status, _no_new_services(new), conflicts_told(packages, log):

        def apt_get(*words: str) -> None:
            begin = ["apt-get", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=2"]
            for left in reversed(range(apt.TRIES)):
                apt.wait_for_locks(say)
                start = log.tell()
                try:
                    run(
                        [*begin, *words], log, what=what, where=where, env=env, watch=status.read,
                        pass_fds=[status.write_end],
                    )  # fmt: skip
                except SetupError:
                    if not left or apt.BUSY not in since(log, start):
                        raise
                else:
                    break

        report(0, 100, "reading package lists")
        # A list that cannot be fetched is told by the install below, if it matters.
        with contextlib.suppress(SetupError):
            apt_get("update")
        apt_get(
            "-o", f"APT::Status-Fd={status.write_end}", "install", "--yes",
            "--no-install-recommends", "--no-upgrade", "--no-remove", *packages,
        )  # fmt: skip
    _disable([unit for name in new if name not in missing([name]) for unit in SERVICES[name]], log)
    left = missing(packages)
    if left:
        raise SetupError(f"Host packages: apt did not install {', '.join(left)}.", log=Path(log.name))


class _AptStatus:
    """Reads apt's status pipe, lines like `pmstatus:redis-server:42.0:Unpacking redis-server`."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self._rest = b""

    def read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._rest += os.read(self.read_end, 65536)
        *lines, self._rest = self._rest.split(b"\n")
        for line in lines:
            found = re.match(rb"(dlstatus|pmstatus):[^:]*:([\d.]+):(.*)", line)
            if found:
                half = 0 if found[1] == b"dlstatus" else 50
                self.report(half + int(float(found[2]) / 2), 100, found[3].decode(errors="replace"))

    def __enter__(self) -> _AptStatus:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.read_end)
        os.close(self.write_end)


@contextlib.contextmanager
def _no_new_services(packages: Sequence[str]) -> Iterator[None]:
    """While it lasts, the services of these packages are not started by their installation.

    An administrator's own policy-rc.d stays in force; `_disable` then stops what was started.
    """
    if not packages or POLICY.exists() or not POLICY.parent.is_dir():
        yield
        return
    names = "|".join(unit.partition(".")[0] for name in packages for unit in SERVICES[name])
    POLICY.write_text(
        "#!/bin/sh\n# Written by the lab's set-up while it installs packages, and removed by it.\n"
        'for word in "$@"; do\n  case "${word%.service}" in\n'
        f"    {names}) exit 101 ;;\n  esac\ndone\nexit 0\n"
    )
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def _disable(units: Sequence[str], log: TextIO) -> None:
    if not units or not Path("/run/systemd/system").is_dir():
        return
    log.write(f"$ systemctl disable --now {' '.join(units)}\n")
    log.flush()
    subprocess.run(["systemctl", "disable", "--now", *units], stdout=log, stderr=log, check=False)
