"""Who is away has a sandbox that sleeps, wakes by whatever they do, and ends with a warning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from sandbox import service, sweeper
from sandbox.drivers.base import Handle, Status
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.web import Daemon, Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]


@pytest.fixture
def key(queue: Queue) -> str:
    """Of Ann's sandbox."""
    key = service.claim("ann", "docker").key
    queue.work()
    return key


def row(key: str) -> Sandbox:
    return Sandbox.objects.get(key=key)


def shown(key: str) -> dict[str, object]:
    return service.state_message(row(key))


@pytest.fixture
def away(key: str, lab_settings: Settings) -> timedelta:
    """How long ago Ann was there: just longer than nobody may be."""
    idle = timedelta(seconds=lab_settings.SANDBOX_IDLE + 1)
    Sandbox.objects.update(touched=timezone.now() - idle, seen=timezone.now() - idle)
    return idle


@pytest.fixture
def asleep(key: str, away: timedelta, driver: HostDriver) -> str:
    sweeper.sweep()
    assert driver.poll({"key": key}) is Status.FROZEN
    return key


def test_one_whose_learner_is_away_sleeps(
    key: str, away: timedelta, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(service, "announce", told.append)
    sweeper.sweep()
    assert (driver.poll({"key": key}), shown(key)["state"]) == (Status.FROZEN, "asleep")
    assert told == [key]
    sweeper.sweep()
    assert (driver.poll({"key": key}), row(key).state, told) == (Status.FROZEN, State.READY, [key])


@pytest.mark.parametrize("sign", ["touched", "seen"])
def test_one_that_is_used_or_looked_at_stays_awake(
    sign: str, key: str, away: timedelta, driver: HostDriver
) -> None:
    Sandbox.objects.update(**{sign: timezone.now() - timedelta(seconds=30)})
    sweeper.sweep()
    assert (driver.poll({"key": key}), row(key).asleep) == (Status.RUNNING, False)


def test_a_visible_page_is_noted(key: str, away: timedelta) -> None:
    used = row(key).touched
    service.see("ann")
    seen = row(key).seen
    assert seen is not None and timezone.now() - seen < timedelta(seconds=5)
    service.see("ann")
    assert (row(key).seen, row(key).touched) == (seen, used), "each time, or as a use"


def test_zero_lets_none_sleep(key: str, away: timedelta, driver: HostDriver, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_IDLE = 0
    sweeper.sweep()
    assert driver.poll({"key": key}) is Status.RUNNING


def test_operators_sandboxes_do_not_sleep(key: str, away: timedelta, driver: HostDriver) -> None:
    Sandbox.objects.update(owner="")
    sweeper.sweep()
    assert driver.poll({"key": key}) is Status.RUNNING


@pytest.mark.parametrize("act", ["touch", "use", "claim", "run"])
def test_whatever_a_learner_does_wakes_it(
    act: str, asleep: str, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(service, "announce", told.append)
    if act == "touch":
        service.touch(asleep)
    elif act == "use":
        service.use("ann")
    elif act == "claim":
        assert service.claim("ann", "docker").key == asleep
    else:
        assert service.run(row(asleep), ["true"]).exit_code == 0
    assert (driver.poll({"key": asleep}), shown(asleep)["state"]) == (Status.RUNNING, "ready")
    assert asleep in told
    assert (timezone.now() - row(asleep).touched > timedelta(minutes=10)) == (act == "run"), (
        "the lab's own commands put off no end"
    )
    sweeper.sweep()
    assert driver.poll({"key": asleep}) is Status.RUNNING


def test_what_is_woken_while_it_is_frozen_runs(
    key: str, away: timedelta, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = HostDriver.freeze

    def freeze_late(self: HostDriver, handle: Handle) -> None:
        service.touch(key)
        freeze(self, handle)

    monkeypatch.setattr(HostDriver, "freeze", freeze_late)
    sweeper.sweep()
    assert (driver.poll({"key": key}), row(key).asleep) == (Status.RUNNING, False)


def test_what_cannot_be_woken_now_is_woken_by_the_sweeper(
    asleep: str, daemon: Daemon, driver: HostDriver
) -> None:
    daemon.stop()
    service.touch(asleep)
    daemon.start()
    assert driver.poll({"key": asleep}) is Status.FROZEN
    sweeper.sweep()
    assert driver.poll({"key": asleep}) is Status.RUNNING


def test_what_a_crash_left_awake_sleeps_again(asleep: str, driver: HostDriver) -> None:
    driver.thaw({"key": asleep})
    sweeper.sweep()
    assert driver.poll({"key": asleep}) is Status.FROZEN


def test_one_that_sleeps_can_be_ended_and_started_over(asleep: str, queue: Queue, driver: HostDriver) -> None:
    fresh = service.reset("ann", "docker")
    queue.work()
    assert (row(asleep).state, row(fresh.key).asleep) == (State.ENDED, False)
    assert driver.list() == {fresh.key}


# Its end


def test_the_end_is_announced_and_can_be_declined(key: str, queue: Queue, lab_settings: Settings) -> None:
    lifetime = timedelta(seconds=lab_settings.SANDBOX_LIFETIME)
    now = timezone.now()
    Sandbox.objects.update(touched=now - lifetime + timedelta(minutes=11), seen=now)
    assert shown(key)["expires"] is None
    Sandbox.objects.update(touched=now - lifetime + timedelta(minutes=9, seconds=55))
    assert shown(key)["expires"] == 10
    Sandbox.objects.update(touched=now - lifetime + timedelta(seconds=20))
    assert shown(key)["expires"] == 1
    sweeper.sweep()
    assert row(key).state == State.READY
    service.use("ann")
    assert shown(key)["expires"] is None
    Sandbox.objects.update(touched=now - lifetime)
    sweeper.sweep()
    queue.work()
    assert (shown(key)["state"], shown(key)["expires"]) == ("ended", None)
    assert "not used for a long time" in str(shown(key)["message"])


def test_a_short_life_is_announced_at_its_half(key: str, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIFETIME = 300
    assert shown(key)["expires"] is None
    Sandbox.objects.update(touched=timezone.now() - timedelta(seconds=151))
    assert shown(key)["expires"] == 3
