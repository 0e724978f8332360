"""Two labs on one host: what they share of its kernel is there for as long as one of them runs."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, suppress

import pytest

from lab.setup.control import leftovers, wait_until
from sandbox.drivers.namespace.holders import Record
from sandbox.drivers.namespace.sysctls import EXACTLY
from tests.real.test_processes import settings, without_labs
from tests.running import Lab, running_lab

pytestmark = pytest.mark.lab


def hardened() -> bool:
    now = settings()
    return all(now[name] == str(value) for name, value in EXACTLY.items() if name in now)


def kill_everything(lab: Lab) -> None:
    """kill -9 of the supervisor and every process that it looks after."""
    supervisor = lab.supervisor.pid()
    assert supervisor
    os.kill(supervisor, signal.SIGKILL)
    for pid in leftovers(lab.paths):
        with suppress(ProcessLookupError):  # some end with the supervisor
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not leftovers(lab.paths), 10, "The killed processes are still there.")


def test_the_last_one_to_leave_puts_the_settings_back() -> None:
    before = without_labs()
    with ExitStack() as first:
        labs = [first.enter_context(running_lab())]
        with running_lab() as second:
            labs.append(second)
            first.close()
            assert hardened(), "the second lab still runs"
            kill_everything(second)
            second.run("up")
    assert without_labs() == before
    assert not {lab.paths.tag for lab in labs} & set(Record.read().holders)
