"""Looking at the pool's rows."""

from __future__ import annotations

from sandbox.drivers.base import Status
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver


def row(key: str) -> Sandbox:
    return Sandbox.objects.get(key=key)


def pooled() -> set[str]:
    return set(Sandbox.objects.filter(state=State.POOLED).values_list("key", flat=True))


def state_of(driver: HostDriver, key: str) -> Status:
    return driver.poll({"key": key})
