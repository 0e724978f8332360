"""From a claim to the end, with workers that die, a sandboxd that is away, and rows that nobody looks after."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from lab.lease import LEASE
from sandbox import lifecycle, limits, service, sweeper
from sandbox.drivers.base import PROFILES, Result
from sandbox.errors import Reason, SandboxError, SandboxNotFound
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import STEPS, HostDriver
from tests.sandbox.ptys import until_sync
from tests.sandbox.web import Daemon, Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]
LONG_AGO = timedelta(days=2)


def row(key: str) -> Sandbox:
    return Sandbox.objects.get(key=key)


def claimed(queue: Queue) -> Sandbox:
    """A sandbox that has been claimed and made."""
    key = service.claim("ann", "docker").key
    queue.work()
    return row(key)


def age(key: str, **fields: timedelta) -> None:
    """Put times of a row back."""
    past = {name: timezone.now() - delta for name, delta in fields.items()}
    Sandbox.objects.filter(key=key).update(**past)


# The row


def test_of_many_who_change_a_state_one_wins(queue: Queue) -> None:
    key = Sandbox.objects.create(owner="ann", profile="docker", state=State.READY).key
    together = threading.Barrier(8)

    def change(number: int) -> bool:
        together.wait()
        try:
            return Sandbox.move(key, frm=(State.READY,), to=State.ENDING, message=str(number))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(change, range(8)))
    assert won.count(True) == 1
    assert (row(key).state, row(key).message) == (State.ENDING, str(won.index(True)))


def test_of_many_workers_one_takes_a_row_in_hand(queue: Queue) -> None:
    key = Sandbox.objects.create(owner="ann", profile="docker").key
    together = threading.Barrier(8)

    def take(_: int) -> bool:
        together.wait()
        try:
            return Sandbox.lease_for(key, states=(State.PREPARING,), time=timedelta(minutes=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(take, range(8))).count(True) == 1
    assert not Sandbox.lease_for(key, states=(State.PREPARING,), time=timedelta(minutes=1))
    age(key, lease=timedelta(seconds=1))
    assert not Sandbox.lease_for(key, states=(State.READY,), time=timedelta(minutes=1))
    assert Sandbox.lease_for(key, states=(State.PREPARING,), time=timedelta(minutes=1)), (
        "its lease has run out"
    )


# Claims


def test_a_claim_is_made_and_answered_with_the_same_sandbox(queue: Queue, driver: HostDriver) -> None:
    first = service.claim("ann", "docker")
    assert service.claim("ann", "docker") == first
    assert queue.tasks == [("sandbox.tasks.prepare", first.key)]
    queue.work()
    made = row(first.key)
    assert (made.state, made.handle["key"], made.steps) == (State.READY, first.key, list(STEPS))
    assert (made.steps_total, made.lease, made.message) == (3, None, "")
    assert service.claim("ann", "docker") == service.current("ann") == made
    assert queue.tasks == []
    assert driver.list() == {first.key}
    assert service.run(made, ["pwd"]) == Result(0, f"{driver.base / first.key}\n".encode(), b"")


def test_claims_at_the_same_moment_are_one(queue: Queue) -> None:
    together = threading.Barrier(6)

    def claim(_: int) -> str:
        together.wait()
        try:
            return service.claim("ann", "docker").key
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(claim, range(6)))) == 1
    assert Sandbox.objects.count() == 1


def test_everybody_has_a_sandbox_of_their_own(queue: Queue) -> None:
    ann, bob = service.claim("ann", "docker"), service.claim("bob", "docker")
    assert ann.key != bob.key
    assert service.owned("ann", ann.key) == ann
    assert service.owned("bob", ann.key) is None
    assert service.owned("", ann.key) is None


def test_a_reset_ends_one_and_makes_another(queue: Queue, driver: HostDriver) -> None:
    before = claimed(queue)
    after = service.reset("ann", "docker")
    assert service.current("ann") == after
    queue.work()
    assert (row(before.key).state, row(after.key).state) == (State.ENDED, State.READY)
    assert driver.list() == {after.key}


def test_an_unknown_profile(queue: Queue) -> None:
    assert "windows" not in PROFILES
    with pytest.raises(SandboxError, match="windows") as refusal:
        service.claim("ann", "windows")
    assert refusal.value.reason is Reason.INVALID
    assert Sandbox.objects.count() == 0


def test_a_full_lab(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 1
    service.claim("ann", "docker")
    assert service.claim("bob", "docker").state == State.QUEUED
    with pytest.raises(SandboxError, match="All 1 sandboxes of this lab are in use; try again") as refusal:
        service.reset("bob", "docker")
    assert refusal.value.reason is Reason.CAPACITY
    service.reset("ann", "docker")  # in the place of what they have


def test_one_network_does_not_take_all(lab_settings: Settings, queue: Queue) -> None:
    lab_settings.SANDBOXES_PER_NETWORK = 2
    service.claim("ann", "docker", "192.0.2.1")
    service.claim("bob", "docker", "::ffff:192.0.2.1")
    for waiting in ("eve", "eva"):
        assert service.claim(waiting, "docker", "192.0.2.1").state == State.QUEUED
    with pytest.raises(SandboxError, match="Your network already has 2 sandboxes") as refusal:
        service.claim("ivy", "docker", "192.0.2.1")
    assert refusal.value.reason is Reason.CAPACITY
    assert service.current("ivy") is None
    service.reset("ann", "docker", "192.0.2.1")  # in the place of what they have
    queue.work()
    assert service.claim("ivy", "docker", "192.0.2.2").state == State.PREPARING
    assert service.claim("operator", "docker").state == State.PREPARING
    assert not Sandbox.objects.filter(network__contains="192.0.2").exists(), "no address is kept"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("what a proxy says", "what a proxy says", True),
        ("what a proxy says", "", False),
    ],
)
def test_what_one_network_is(one: str, other: str, same: bool) -> None:
    assert (limits.network(one) == limits.network(other)) == same


def test_too_many_claims(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.limits.OWNER_CLAIMS", 2)
    monkeypatch.setattr("sandbox.limits.ADDRESS_CLAIMS", 3)
    service.claim("ann", "docker", "192.0.2.1")
    for _ in range(5):
        service.claim("ann", "docker", "192.0.2.1")  # the same one again costs nothing
    kept = service.reset("ann", "docker", "192.0.2.1")
    with pytest.raises(SandboxError, match="You have asked for many") as refusal:
        service.reset("ann", "docker", "192.0.2.1")
    assert refusal.value.reason is Reason.REFUSED
    assert service.current("ann") == kept, "refused, and ended all the same"
    service.claim("bob", "docker", "192.0.2.1")
    with pytest.raises(SandboxError, match="from your network"):
        service.claim("eve", "docker", "192.0.2.1")
    service.claim("eve", "docker", "192.0.2.2")


# Making one


def test_a_sandbox_that_does_not_start_is_replaced_once(
    queue: Queue, driver: HostDriver, caplog: pytest.LogCaptureFixture
) -> None:
    driver.error, driver.failures = SandboxError("The cluster's node did not become ready; try again."), 1
    key = service.claim("ann", "docker").key
    queue.work()
    assert (row(key).state, row(key).message, row(key).steps) == (State.READY, "", list(STEPS))
    assert "is made once more: The cluster's node did not become ready" in caplog.text


def test_what_cannot_be_made_here_is_tried_once(queue: Queue, driver: HostDriver) -> None:
    driver.error, driver.failures = SandboxError("There is no room.", reason=Reason.CAPACITY), 1
    key = service.claim("ann", "docker").key
    queue.work()
    assert row(key).state == State.FAILED


def test_a_driver_that_fails(queue: Queue, driver: HostDriver) -> None:
    driver.error = SandboxError("The disk could not be made; try again.", detail="mkfs: exit 1")
    key = service.claim("ann", "docker").key
    queue.work()
    failed = row(key)
    assert (failed.state, failed.message, failed.lease) == (State.FAILED, driver.error.message, None)
    shown = service.state_message(service.current("ann"))
    assert (shown["state"], shown["message"]) == ("failed", driver.error.message)
    assert "mkfs" not in str(shown)
    driver.error = None
    again = service.claim("ann", "docker")
    assert again.key != key


def test_steps_are_shown_while_they_are_taken(queue: Queue, driver: HostDriver) -> None:
    driver.go.clear()
    key = service.claim("ann", "docker").key
    worker = threading.Thread(target=work, args=(queue,))
    worker.start()
    until_sync(lambda: len(row(key).steps) == 2, "the second step")
    shown = service.state_message(row(key))
    assert (shown["state"], shown["steps_total"]) == ("preparing", 3)
    assert shown["steps"] == [{"name": STEPS[0], "state": "done"}, {"name": STEPS[1], "state": "running"}]
    with pytest.raises(SandboxNotFound):
        service.run(row(key), ["true"])
    lease = row(key).lease
    assert lease is not None and lease > timezone.now()
    driver.go.set()
    worker.join()
    shown = service.state_message(row(key))
    assert {step["state"] for step in shown["steps"]} == {"done"}


def work(queue: Queue) -> None:
    try:
        queue.work()
    finally:
        connection.close()


def test_two_workers_with_the_same_task_make_one(queue: Queue, driver: HostDriver) -> None:
    driver.go.clear()
    key = service.claim("ann", "docker").key
    worker = threading.Thread(target=work, args=(queue,))
    worker.start()
    until_sync(lambda: row(key).lease is not None, "the first worker")
    driver.error = SandboxError("made a second time")
    lifecycle.prepare(key)  # returns at once
    assert row(key).state == State.PREPARING
    driver.error = None
    driver.go.set()
    worker.join()
    assert row(key).state == State.READY


def test_a_worker_that_died_is_replaced(queue: Queue) -> None:
    key = service.claim("ann", "docker").key
    queue.take()
    Sandbox.lease_for(key, states=(State.PREPARING,), time=LEASE)  # and then kill -9
    sweeper.sweep()
    assert queue.tasks == [], "taken for dead too early"
    age(key, lease=timedelta(seconds=1))
    sweeper.sweep()
    assert queue.tasks == [("sandbox.tasks.prepare", key)]
    queue.work()
    assert row(key).state == State.READY


def test_a_lost_task_is_asked_for_again(queue: Queue) -> None:
    key = service.claim("ann", "docker").key
    queue.take()
    sweeper.sweep()
    assert queue.tasks == [("sandbox.tasks.prepare", key)]


def test_sandboxd_away_is_waited_for(queue: Queue, daemon: Daemon) -> None:
    daemon.stop()
    key = service.claim("ann", "docker").key
    queue.work()
    waiting = row(key)
    assert waiting.state == State.PREPARING
    now = timezone.now()
    assert waiting.lease is not None and now < waiting.lease < now + service.RETRY, "asked again soon"
    daemon.start()
    age(key, lease=timedelta(seconds=1))
    sweeper.sweep()
    queue.work()
    assert row(key).state == State.READY


def test_sandboxd_away_for_long_is_given_up(queue: Queue, daemon: Daemon) -> None:
    daemon.stop()
    key = service.claim("ann", "docker").key
    age(key, created=service.PATIENCE + timedelta(seconds=1))
    queue.work()
    assert row(key).state == State.FAILED
    assert "make up" in row(key).message


def test_nothing_is_made_while_set_up_still_builds(
    queue: Queue, lab_settings: Settings, driver: HostDriver
) -> None:
    lab_settings.PATHS.progress_file.write_text('{"done": 1}')
    key = service.claim("ann", "docker").key
    queue.work()
    assert (row(key).lease, driver.list()) == (None, set())
    shown = service.state_message(row(key))
    assert (shown["state"], shown["setup"]) == ("waiting", {"done": 1})
    lab_settings.PATHS.progress_file.unlink()
    sweeper.sweep()
    queue.work()
    assert row(key).state == State.READY


def test_what_ended_while_it_was_made_is_removed(queue: Queue, driver: HostDriver) -> None:
    driver.go.clear()
    key = service.claim("ann", "docker").key
    worker = threading.Thread(target=work, args=(queue,))
    worker.start()
    until_sync(lambda: len(row(key).steps) == 2)
    service.end(key)
    queue.work()
    assert row(key).state == State.ENDED, "there is nothing to remove yet"
    driver.go.set()
    worker.join()
    assert (row(key).state, driver.list()) == (State.ENDED, set())


def test_what_failed_after_it_ended_is_not_said_to_have_failed(queue: Queue, driver: HostDriver) -> None:
    driver.go.clear()
    key = service.claim("ann", "docker").key
    worker = threading.Thread(target=work, args=(queue,))
    worker.start()
    until_sync(lambda: len(row(key).steps) == 2)
    service.end(key)
    driver.error = SandboxError("It went away.")
    driver.go.set()
    worker.join()
    queue.work()
    assert (row(key).state, row(key).message) == (State.ENDED, "")
