"""The sweeper: it ends what is over, removes what nobody knows, and never what somebody has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from sandbox import lifecycle, service, sweeper
from sandbox.drivers.base import Handle, Spec
from sandbox.errors import SandboxError, SandboxUnavailable
from sandbox.models import Sandbox, State
from sandbox.sandboxd.client import Sandboxd
from tests.sandbox.hosts import HostDriver
from tests.sandbox.web import Daemon, Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]
Claimed = Callable[[str], Sandbox]


def row(key: str) -> Sandbox:
    return Sandbox.objects.get(key=key)


def quietly(name: str, index: int, count: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def claimed(queue: Queue) -> Claimed:
    """Makes a sandbox for somebody."""

    def claim(owner: str) -> Sandbox:
        key = service.claim(owner, "docker").key
        queue.work()
        return row(key)

    return claim


def test_nothing_is_done_where_all_is_well(queue: Queue, claimed: Claimed, driver: HostDriver) -> None:
    ann, bob = claimed("ann"), claimed("bob")
    sweeper.sweep()
    queue.work()
    assert [row(one.key).state for one in (ann, bob)] == [State.READY, State.READY]
    assert driver.list() == {ann.key, bob.key}


def test_an_engine_that_ended_or_came_back_is_noted_and_told_once(
    queue: Queue, claimed: Claimed, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = claimed("ann"), claimed("bob")
    told: list[str] = []
    monkeypatch.setattr(service, "announce", told.append)
    driver.without_engine.add(ann.key)
    sweeper.sweep()
    sweeper.sweep()
    assert (row(ann.key).engine_alive, row(bob.key).engine_alive) == (False, True)
    driver.without_engine.clear()
    sweeper.sweep()
    assert row(ann.key).engine_alive
    assert told == [ann.key, ann.key]


def test_the_owner_of_one_that_sandboxd_ended_is_told_why(
    queue: Queue, claimed: Claimed, driver: HostDriver, daemon: Daemon
) -> None:
    ann = claimed("ann")
    assert daemon.server
    daemon.server.operations.why_ended = {ann.key: "It was too much."}.__getitem__
    driver.destroy(ann.handle)
    sweeper.sweep()
    assert row(ann.key).message == "It was too much."


def test_a_sandbox_that_died_is_ended_and_its_owner_told(
    queue: Queue, claimed: Claimed, driver: HostDriver
) -> None:
    ann, bob = claimed("ann"), claimed("bob")
    driver.destroy(ann.handle)
    sweeper.sweep()
    queue.work()
    assert (row(ann.key).state, row(bob.key).state) == (State.ENDED, State.READY)
    shown = service.state_message(service.current("ann"))
    assert (shown["state"], shown["message"]) == (
        "ended",
        "The sandbox has stopped; start a fresh one to go on.",
    )


def test_idle_sandboxes_end_and_used_ones_do_not(
    queue: Queue, claimed: Claimed, driver: HostDriver, lab_settings: Settings
) -> None:
    ann, bob = claimed("ann"), claimed("bob")
    past = timezone.now() - timedelta(seconds=lab_settings.SANDBOX_LIFETIME + 1)
    Sandbox.objects.update(touched=past)
    service.touch(bob.key)
    sweeper.sweep()
    queue.work()
    assert (row(ann.key).state, row(bob.key).state) == (State.ENDED, State.READY)
    assert "not used for a long time" in row(ann.key).message
    assert driver.list() == {bob.key}


def test_orphans_are_removed_and_nothing_else(queue: Queue, claimed: Claimed, driver: HostDriver) -> None:
    """In every state but queued, ended and failed a row keeps its sandbox."""
    driver.create("orphan-1", Spec(), quietly)
    kept = {}
    for state in State:
        made = Sandbox.objects.create(
            owner=state, profile="docker", state=state, handle={"key": f"key-{state}"}
        )
        Sandbox.objects.filter(key=made.key).update(key=f"key-{state}")
        driver.create(f"key-{state}", Spec(), quietly)
        kept[state] = f"key-{state}"
    Sandbox.objects.filter(owner=State.PREPARING).update(lease=timezone.now() + timedelta(minutes=1))
    sweeper._remove_orphans()
    gone = (State.QUEUED, State.ENDED, State.FAILED)
    assert driver.list() == {kept[state] for state in State if state not in gone}


def test_one_that_is_made_between_the_look_and_the_rows_is_kept(
    queue: Queue, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row is there before it is, so the drivers' list must be read first."""
    before = driver.list

    def late() -> set[str]:
        found = before()
        row_ = Sandbox.objects.create(owner="ann", profile="docker")
        return found | {row_.key}

    monkeypatch.setattr(Sandboxd, "list", lambda self: late())
    destroyed: list[Handle] = []
    monkeypatch.setattr(Sandboxd, "destroy", lambda self, handle: destroyed.append(handle))
    sweeper._remove_orphans()
    assert destroyed == []


def test_an_ending_that_was_lost_is_finished(queue: Queue, claimed: Claimed, driver: HostDriver) -> None:
    ann = claimed("ann")
    service.end(ann.key, "Over.")
    queue.take()  # the task never arrives
    sweeper.sweep()
    assert (row(ann.key).state, row(ann.key).message) == (State.ENDED, "Over.")
    assert driver.list() == set()


def test_ending_twice_is_ending_once(queue: Queue, claimed: Claimed) -> None:
    ann = claimed("ann")
    service.end(ann.key, "First.")
    service.end(ann.key, "Second.")
    assert queue.tasks == [("sandbox.tasks.destroy", ann.key)]
    queue.work()
    service.end(ann.key, "Third.")
    lifecycle.destroy(ann.key)
    assert (row(ann.key).state, row(ann.key).message, queue.tasks) == (State.ENDED, "First.", [])


def test_one_that_cannot_be_removed_holds_up_nobody(
    queue: Queue, claimed: Claimed, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, ann, bob = claimed("stuck"), claimed("ann"), claimed("bob")
    destroy = HostDriver.destroy

    def destroy_others(self: HostDriver, handle: Handle) -> None:
        if handle["key"] == stuck.key:
            raise SandboxError("It does not go away.", detail="umount: busy")
        destroy(self, handle)

    monkeypatch.setattr(HostDriver, "destroy", destroy_others)
    service.end(stuck.key)
    service.end(ann.key)
    queue.take()
    destroy(driver, bob.handle)
    sweeper.sweep()
    assert (row(stuck.key).state, row(ann.key).state) == (State.ENDING, State.ENDED)
    assert row(bob.key).state == State.ENDING, "seen to be dead"


def test_old_rows_go(queue: Queue, claimed: Claimed) -> None:
    ann, bob = claimed("ann"), claimed("bob")
    service.end(ann.key)
    queue.work()
    Sandbox.objects.update(touched=timezone.now() - sweeper.KEEP_ROWS - timedelta(seconds=1))
    service.touch(bob.key)
    sweeper.sweep()
    assert list(Sandbox.objects.values_list("key", flat=True)) == [bob.key]


def test_without_sandboxd_nothing_is_taken_for_dead(queue: Queue, claimed: Claimed, daemon: Daemon) -> None:
    ann = claimed("ann")
    daemon.stop()
    with suppress(SandboxUnavailable):
        sweeper.sweep()
    assert row(ann.key).state == State.READY
    daemon.start()
    sweeper.sweep()
    assert row(ann.key).state == State.READY
