"""A clock of the day that is set forward or back ends no sandbox and holds up no work."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from sandbox import clock, service, sweeper
from sandbox.models import Clock, Sandbox, State
from tests.sandbox.web import Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]
YEAR = 365 * 86_400


@pytest.fixture
def key(queue: Queue) -> str:
    key = service.claim("ann", "docker").key
    queue.work()
    service.see("ann")
    sweeper.sweep()
    return key


def row(key: str) -> Sandbox:
    return Sandbox.objects.get(key=key)


def jump(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the clock of the day."""
    now, read = timezone.now, time.time
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=seconds))
    monkeypatch.setattr(time, "time", lambda: read() + seconds)


@pytest.mark.parametrize("seconds", [YEAR, -YEAR])
def test_a_jump_moves_what_is_remembered(
    seconds: float, key: str, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    jump(seconds, monkeypatch)
    for _ in range(2):
        sweeper.sweep()
        queue.work()
    found = row(key)
    assert (found.state, found.asleep) == (State.READY, False)
    for moment in (found.created, found.touched, found.seen):
        assert isinstance(moment, datetime)
        assert abs(timezone.now() - moment) < timedelta(seconds=20)


def test_a_lease_from_before_the_clock_went_back_holds_up_nobody(
    key: str, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed = service.claim("bob", "docker").key
    queue.take()
    Sandbox.lease_for(claimed, states=(State.PREPARING,), time=timedelta(seconds=6))  # and then kill -9
    jump(-YEAR, monkeypatch)
    sweeper.sweep()
    queue.work()
    assert row(claimed).state == State.READY


def test_setting_a_clock_right_bit_by_bit_is_no_jump(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    used = row(key).touched
    for _ in range(20):
        jump(clock.JUMP / 5, monkeypatch)
        clock.mend()
    assert row(key).touched == used


def test_another_boot_is_no_jump(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    used = row(key).touched
    Clock.objects.update(boot="another", offset=-1e9)
    clock.mend()
    assert row(key).touched == used
    assert Clock.objects.get().boot == clock._boot()
