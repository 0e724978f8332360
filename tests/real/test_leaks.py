"""Fifty sandboxes come and go, and the host is as it was."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from sandbox.drivers.namespace import cgroups
from sandbox.drivers.namespace.driver import NamespaceDriver
from tests.real.conftest import SMALL

CYCLES = 50


def _snapshot(driver: NamespaceDriver) -> dict[str, object]:
    def lines(*argv: str) -> int:
        return len(subprocess.check_output(argv, text=True).splitlines())

    roots = cgroups.hierarchies()
    members = subprocess.check_output(
        ["nft", "list", "set", "inet", driver.names.table, "members"], text=True
    )
    return {
        "mounts": len(Path("/proc/self/mounts").read_text().splitlines()),
        "cgroups": sum(len(list((root / driver.names.cgroup).rglob("*/"))) for root in roots),
        "links": lines("ip", "-o", "link"),
        "loop devices": lines("losetup", "--noheadings", "--list", "--output", "NAME"),
        "members": members.count(driver.names.interface_prefix),
        "folders": sorted(driver.list()),
        "runc": sorted(path.name for path in driver.runc.root.glob("*")),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "children": len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
    }


def test_fifty_cycles_leave_nothing(driver: NamespaceDriver) -> None:
    handle = driver.create("cycle-0", SMALL, lambda *step: None)  # what is made once is made now
    driver.destroy(handle)
    before = _snapshot(driver)
    for number in range(1, CYCLES + 1):
        handle = driver.create(f"cycle-{number}", SMALL, lambda *step: None)
        if number % 3 == 0:
            driver.freeze(handle)
        elif number % 3 == 1:
            pty = driver.open_terminal(handle, (80, 24))
            os.close(pty.fd)
            os.waitpid(pty.pid, 0)
        driver.destroy(handle)
    assert _snapshot(driver) == before
