"""Fifty sandboxes come and go, and the host is as it was."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.drivers.namespace.driver import NamespaceDriver
from tests.real.conftest import SMALL
from tests.real.holdings import holdings

CYCLES = 50


def _held(driver: NamespaceDriver) -> dict[str, object]:
    """Of the host, and by this process."""
    return holdings(driver) | {
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "children": len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
    }


def test_fifty_cycles_leave_nothing(driver: NamespaceDriver) -> None:
    handle = driver.create("cycle-0", SMALL, lambda *step: None)  # what is made once is made now
    driver.destroy(handle)
    before = _held(driver)
    for number in range(1, CYCLES + 1):
        handle = driver.create(f"cycle-{number}", SMALL, lambda *step: None)
        if number % 3 == 0:
            driver.freeze(handle)
        elif number % 3 == 1:
            pty = driver.open_terminal(handle, (80, 24))
            os.close(pty.fd)
            os.waitpid(pty.pid, 0)
        driver.destroy(handle)
    assert _held(driver) == before
