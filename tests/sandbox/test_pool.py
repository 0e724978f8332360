"""The pool: filled ahead, handed out at once, and never what is dead, outdated or somebody's already."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from lab.lease import LEASE
from sandbox import lifecycle, pool, service, sweeper
from sandbox.drivers.base import Spec, Status
from sandbox.errors import SandboxError
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.pools import pooled, row, state_of
from tests.sandbox.ptys import until_sync
from tests.sandbox.web import Daemon, Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon", "pool_of_two")]


# Filling


def test_it_is_filled_one_after_another_and_frozen(queue: Queue, driver: HostDriver) -> None:
    sweeper.sweep()
    assert [name for name, _ in queue.tasks] == ["sandbox.tasks.prepare"], "one is made at a time"
    queue.work()
    assert len(pooled()) == 2
    assert {state_of(driver, key) for key in pooled()} == {Status.FROZEN}
    assert all(row(key).owner == "" and row(key).made_in is not None for key in pooled())
    sweeper.sweep()
    queue.work()
    assert len(driver.list()) == 2, "it is full"


@pytest.mark.parametrize("code", [0, 1])
def test_a_cluster_comes_to_rest_before_it_is_frozen(
    queue: Queue, driver: HostDriver, lab_settings: Settings, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(lifecycle, "AT_REST", ["sh", "-c", f"touch rested; exit {code}"])
    lab_settings.POOL_SIZE = {"docker": 2, "kubernetes": 2}
    sweeper.sweep()
    queue.work()
    assert set(Sandbox.objects.values_list("profile", flat=True)) == {"docker"}, "clusters cannot be made yet"
    lab_settings.PATHS.tools.mkdir(parents=True)
    sweeper.sweep()
    queue.work()
    rested = {key for key in pooled() if (driver.base / key / "rested").exists()}
    assert rested == set(Sandbox.objects.filter(profile="kubernetes").values_list("key", flat=True))
    assert len(rested) == 2
    assert {state_of(driver, key) for key in pooled()} == {Status.FROZEN}


def test_so_many_are_made_at_once_as_is_said(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.POOL_SIZE, lab_settings.POOL_REFILL = {"docker": 5}, 3
    sweeper.sweep()
    assert len(queue.tasks) == 3


def test_zero_turns_it_off_and_drains_it(queue: Queue, filled: set[str], lab_settings: Settings) -> None:
    lab_settings.POOL_SIZE = {"docker": 0}
    sweeper.sweep()
    queue.work()
    assert {row(key).state for key in filled} == {State.ENDED}
    assert pool.next_member() is None


def test_it_takes_no_place_that_people_need(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 3
    for owner in ("ann", "bob"):
        service.claim(owner, "docker")
    sweeper.sweep()
    assert all(row(key).state == State.PREPARING for _, key in queue.tasks), "people come first"
    queue.work()
    assert len(pooled()) == 1, "one place is left"
    lab_settings.SANDBOX_LIMIT = 2
    sweeper.sweep()
    queue.work()
    assert pooled() == set()


def test_after_a_failure_it_rests(queue: Queue, driver: HostDriver) -> None:
    driver.error = SandboxError("The disk could not be made; try again.")
    sweeper.sweep()
    queue.work()
    failed = Sandbox.objects.get()
    assert (failed.state, failed.message) == (State.FAILED, driver.error.message)
    sweeper.sweep()
    assert queue.tasks == []
    Sandbox.objects.update(touched=timezone.now() - pool.REST)
    driver.error = None
    sweeper.sweep()
    queue.work()
    assert len(pooled()) == 2


def test_a_worker_killed_in_the_middle_is_replaced(queue: Queue, driver: HostDriver) -> None:
    sweeper.sweep()
    ((_, key),) = queue.take()
    Sandbox.lease_for(key, states=(State.WARMING,), time=LEASE)
    driver.create(key, Spec(), lambda name, index, count: None)  # and then kill -9
    sweeper.sweep()
    assert queue.tasks == [], "taken for dead too early"
    Sandbox.objects.update(lease=timezone.now() - timedelta(seconds=1))
    sweeper.sweep()
    queue.work()
    assert row(key).state == State.POOLED, "what the dead one left is adopted"
    assert driver.list() == pooled() and len(pooled()) == 2


def test_two_workers_at_one_row_end_nothing(queue: Queue, driver: HostDriver) -> None:
    """A jump of the clock, or a long pause, has a live worker taken for dead."""
    key = service.claim("ann", "docker").key
    queue.work()
    lifecycle._settle(row(key), {"key": key})
    assert (row(key).state, key in driver.list()) == (State.READY, True)


# Handing out


def test_a_claim_gets_a_member_at_once_and_the_pool_is_refilled(
    queue: Queue, driver: HostDriver, filled: set[str]
) -> None:
    got = service.claim("ann", "docker", "192.0.2.1")
    assert got.key in filled
    assert (got.state, got.owner, got.steps, got.lease) == (State.READY, "ann", [], None)
    assert got.network != ""
    assert state_of(driver, got.key) is Status.RUNNING
    assert service.claim("ann", "docker") == got
    queue.work()
    assert len(pooled()) == 2 and got.key not in pooled()
    assert Sandbox.objects.count() == 3, "no row of the queue stays"


def test_many_claims_at_once_get_one_each(queue: Queue, filled: set[str], lab_settings: Settings) -> None:
    owners = ("ann", "bob", "eve", "ivy")
    together = threading.Barrier(len(owners))

    def claim(owner: str) -> str:
        together.wait()
        try:
            return service.claim(owner, "docker", "192.0.2.1").key
        finally:
            connection.close()

    with ThreadPoolExecutor(len(owners)) as threads:
        list(threads.map(claim, owners))
    queue.work()
    keys = [service.current(owner) for owner in owners]
    assert all(found is not None and found.state == State.READY for found in keys)
    assert len({found.key for found in keys if found}) == len(owners)
    assert filled < {found.key for found in keys if found}


def test_while_claims_come_what_is_left_serves_them_first(
    queue: Queue, filled: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "CALM", timedelta(minutes=1))
    first = service.claim("ann", "docker")
    sweeper.sweep()
    assert (first.key in filled, queue.tasks) == (True, []), "the next is not slowed by the making of another"
    second = service.claim("bob", "docker")
    assert second.key in filled
    assert [name for name, _ in queue.tasks] == ["sandbox.tasks.prepare"], "none is left: one is made"
    queue.work()
    assert len(pooled()) == 1
    Sandbox.objects.exclude(owner="").update(created=timezone.now() - timedelta(minutes=2))
    sweeper.sweep()
    queue.work()
    assert len(pooled()) == 2


def test_two_tabs_of_one_learner_get_one(queue: Queue, filled: set[str]) -> None:
    together = threading.Barrier(4)

    def claim(_: int) -> str:
        together.wait()
        try:
            return service.claim("ann", "docker", "192.0.2.1").key
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(claim, range(4)))
    assert Sandbox.objects.filter(owner="ann").count() == 1
    got = service.current("ann")
    assert got is not None and (got.state, got.key in filled) == (State.READY, True)
    assert len(pooled()) == 1


def test_a_reset_takes_a_member_and_ends_the_old_one_behind_it(
    queue: Queue, driver: HostDriver, filled: set[str]
) -> None:
    before = service.claim("ann", "docker")
    after = service.reset("ann", "docker")
    assert (after.state, after.key in filled) == (State.READY, True)
    assert row(before.key).state == State.ENDING
    queue.work()
    assert row(before.key).state == State.ENDED
    assert before.key not in driver.list()


def test_one_that_is_being_made_is_claimed_too(queue: Queue, driver: HostDriver) -> None:
    driver.go.clear()
    sweeper.sweep()
    worker = threading.Thread(target=work, args=(queue,))
    worker.start()
    until_sync(_second_step)
    begun = Sandbox.objects.get().key
    got = service.claim("ann", "docker")
    assert (got.key, got.state) == (begun, State.PREPARING)
    driver.go.set()
    worker.join()
    assert (row(begun).state, row(begun).owner) == (State.READY, "ann")
    assert state_of(driver, begun) is Status.RUNNING


def _second_step() -> bool:
    return len(Sandbox.objects.get().steps) == 2


def work(queue: Queue) -> None:
    try:
        queue.work()
    finally:
        connection.close()


def test_one_that_is_claimed_while_it_is_frozen_is_thawed(
    queue: Queue, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze = HostDriver.freeze

    def freeze_late(self: HostDriver, handle: dict[str, object]) -> None:
        monkeypatch.setattr(HostDriver, "freeze", freeze)
        service.claim("ann", "docker")
        freeze(self, handle)

    monkeypatch.setattr(HostDriver, "freeze", freeze_late)
    sweeper.sweep()
    queue.work()
    got = service.current("ann")
    assert got is not None and got.state == State.READY
    assert state_of(driver, got.key) is Status.RUNNING


def test_one_whose_engine_does_not_answer_is_ended_and_another_taken(
    queue: Queue, driver: HostDriver, filled: set[str]
) -> None:
    first, second = (
        Sandbox.objects.filter(state=State.POOLED).order_by("created").values_list("key", flat=True)
    )
    driver.without_engine.add(first)
    got = service.claim("ann", "docker")
    assert (got.key, got.state) == (second, State.READY)
    queue.work()
    assert (row(first).state, row(first).owner) == (State.ENDED, "")
    assert first not in driver.list()


def test_when_none_is_of_use_one_is_made(queue: Queue, driver: HostDriver, filled: set[str]) -> None:
    for key in filled:
        driver.destroy({"key": key})
    got = service.claim("ann", "docker")
    assert got.state == State.PREPARING and got.key not in filled
    queue.work()
    assert row(got.key).state == State.READY


def test_sandboxd_away_during_a_claim_is_waited_for(
    queue: Queue, daemon: Daemon, driver: HostDriver, filled: set[str]
) -> None:
    daemon.stop()
    got = service.claim("ann", "docker")
    assert (got.state, got.key in filled) == (State.PREPARING, True)
    assert service.state_message(got)["state"] == "preparing"
    daemon.start()
    Sandbox.objects.filter(key=got.key).update(lease=timezone.now() - timedelta(seconds=1))
    sweeper.sweep()
    queue.work()
    assert row(got.key).state == State.READY
    assert state_of(driver, got.key) is Status.RUNNING


def test_sandboxd_away_for_long_is_told(queue: Queue, daemon: Daemon, filled: set[str]) -> None:
    daemon.stop()
    key = service.claim("ann", "docker").key
    past = timezone.now() - service.PATIENCE - timedelta(seconds=1)
    Sandbox.objects.filter(key=key).update(created=past, lease=past)
    lifecycle.prepare(key)
    assert row(key).state == State.FAILED
    assert "make up" in row(key).message


def test_whose_web_process_died_in_the_middle_of_a_claim(
    queue: Queue, driver: HostDriver, filled: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "hand_over", lambda key: None)  # kill -9 after the compare-and-swap
    got = service.claim("ann", "docker")
    assert (got.state, state_of(driver, got.key)) == (State.PREPARING, Status.FROZEN)
    monkeypatch.undo()
    monkeypatch.setattr(service, "enqueue", queue)
    sweeper.sweep()
    queue.work()
    assert row(got.key).state == State.PREPARING, "taken for dead too early"
    Sandbox.objects.filter(key=got.key).update(lease=timezone.now() - timedelta(seconds=1))
    sweeper.sweep()
    queue.work()
    assert (row(got.key).state, state_of(driver, got.key)) == (State.READY, Status.RUNNING)
