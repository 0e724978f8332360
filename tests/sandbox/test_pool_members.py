"""What becomes of the pool's members: outdated, dead, left awake by a crash."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from sandbox import recipe, service, sweeper
from sandbox.drivers.base import Spec, Status
from sandbox.errors import SandboxError
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.pools import pooled, row, state_of
from tests.sandbox.web import Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon", "pool_of_two")]


def test_outdated_members_are_replaced_while_people_go_on(
    queue: Queue, driver: HostDriver, filled: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_in = service.claim("ann", "docker")
    queue.work()
    outdated = pooled()
    monkeypatch.setattr(recipe, "current", lambda profile: "of tomorrow")
    got = service.claim("bob", "docker")
    assert got.key not in outdated, "one of yesterday was handed out"
    sweeper.sweep()
    queue.work()
    sweeper.sweep()
    queue.work()
    assert {row(key).state for key in outdated} == {State.ENDED}
    assert {row(key).recipe for key in pooled()} == {"of tomorrow"} and len(pooled()) == 2
    assert (row(worked_in.key).state, worked_in.key in driver.list()) == (State.READY, True)


def test_what_a_recipe_is(lab_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    current = lab_settings.PATHS.current
    current.mkdir()
    for name in ("rootfs-1", "rootfs-2"):
        (lab_settings.PATHS.data / name).mkdir()
    lab_settings.PATHS.rootfs.symlink_to(lab_settings.PATHS.data / "rootfs-1")
    before = recipe.current("docker")
    assert recipe.current("docker") == before and len(before) == 32
    lab_settings.PATHS.rootfs.unlink()
    lab_settings.PATHS.rootfs.symlink_to(lab_settings.PATHS.data / "rootfs-2")
    other = recipe.current("docker")
    monkeypatch.setattr(recipe, "_code", lambda: "another driver")
    third = recipe.current("docker")
    monkeypatch.setattr(recipe, "Spec", lambda profile: Spec(profile=profile, memory=1 << 30))
    assert len({before, other, third, recipe.current("docker")}) == 4


@pytest.mark.parametrize("death", ["gone", "engine"])
def test_a_member_that_died_is_replaced(
    death: str, queue: Queue, driver: HostDriver, filled: set[str]
) -> None:
    dead = min(filled)
    if death == "gone":
        driver.destroy({"key": dead})
    else:
        driver.without_engine.add(dead)
    sweeper.sweep()
    queue.work()
    assert row(dead).state == State.ENDED
    assert dead not in driver.list()
    assert len(pooled()) == 2


def test_a_member_that_a_crash_left_awake_is_frozen(
    queue: Queue, driver: HostDriver, filled: set[str]
) -> None:
    driver.thaw({"key": min(filled)})
    sweeper.sweep()
    assert state_of(driver, min(filled)) is Status.FROZEN


def test_one_that_cannot_be_frozen_now_is_frozen_later(
    queue: Queue, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: HostDriver, handle: dict[str, object]) -> None:
        raise SandboxError("The sandbox could not be put to sleep; it goes on running.")

    monkeypatch.setattr(HostDriver, "freeze", busy)
    sweeper.sweep()
    queue.work()
    assert {state_of(driver, key) for key in pooled()} == {Status.RUNNING}
    monkeypatch.undo()
    sweeper.sweep()
    assert {state_of(driver, key) for key in pooled()} == {Status.FROZEN}


def test_nobody_waits_for_a_member_to_be_visited_or_expires(
    queue: Queue, filled: set[str], lab_settings: Settings
) -> None:
    past = timezone.now() - timedelta(days=3)
    Sandbox.objects.update(touched=past, created=past)
    sweeper.sweep()
    assert pooled() == filled
