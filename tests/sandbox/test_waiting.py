"""The queue: who cannot be served at once keeps a place, knows it, and nobody is starved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from sandbox import capacity, limits, service, sweeper, waiting
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.web import Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]


@pytest.fixture(autouse=True)
def of_two(lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 2
    lab_settings.SANDBOXES_PER_NETWORK = 100


def claim(*owners: str, address: str = "") -> None:
    for owner in owners:
        service.claim(owner, "docker", address)


def state(owner: str) -> str:
    found = service.current(owner)
    return str(found.state) if found else "none"


def line() -> list[str]:
    return [row.owner for row in waiting.order()]


def shown(owner: str) -> dict[str, object]:
    return service.state_message(service.current(owner))


def test_who_finds_no_room_waits_and_is_served_in_turn(queue: Queue) -> None:
    claim("ann", "bob", "eve", "ivy")
    queue.work()
    assert [state(owner) for owner in ("ann", "bob", "eve", "ivy")] == ["ready", "ready", "queued", "queued"]
    assert shown("eve")["state"] == "queued"
    places = [waiting.place(row.key) for row in waiting.order()]
    assert [found.place for found in places if found] == [1, 2]
    assert all(found and found.seconds and 14_300 < found.seconds <= 14_400 for found in places)
    assert shown("ann")["queue"] is None
    for owner in ("bob", "ann"):
        found = service.current(owner)
        assert found
        service.end(found.key)
        queue.work()
    assert [state(owner) for owner in ("eve", "ivy")] == ["ready", "ready"]


def test_a_claim_repeated_is_one_place(queue: Queue) -> None:
    claim("ann", "bob", "eve", "eve", "ivy", "eve")
    assert line() == ["eve", "ivy"]


def test_a_restart_forgets_nobody(queue: Queue) -> None:
    """Rows are all that there is: no task of the queue, no process."""
    claim("ann", "bob", "eve")
    queue.work()
    found = service.current("ann")
    assert found
    Sandbox.move(found.key, frm=(State.READY,), to=State.ENDED)  # and nobody is told
    queue.take()
    sweeper.sweep()
    queue.work()
    assert state("eve") == "ready"


def test_networks_take_turns(queue: Queue, lab_settings: Settings) -> None:
    """A script that asks for three hundred, before and after somebody else."""
    lab_settings.SANDBOX_LIMIT = 1
    claim("first")
    claim(*(f"s{number:03}" for number in range(100)), address="192.0.2.1")
    claim("ann", address="192.0.2.2")
    claim("bob", address="192.0.2.2")
    assert line()[:5] == ["s000", "ann", "s001", "bob", "s002"]
    lab_settings.SANDBOX_LIMIT = 2
    service.serve()
    assert state("s000") == "preparing"
    assert line()[0] == "ann", "the script's network has one already"


def test_one_network_leaves_places_to_others(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT, lab_settings.SANDBOXES_PER_NETWORK = 10, 0
    assert limits.per_network() == 8
    claim(*(f"s{number}" for number in range(12)), address="192.0.2.1")
    queue.work()
    assert [state(f"s{number}") for number in (7, 8)] == ["ready", "queued"]
    place = waiting.place(waiting.order()[0].key)
    assert place and place.seconds and 14_300 < place.seconds <= 14_400, "until one of their own must end"
    claim("ann", address="192.0.2.2")
    queue.work()
    assert state("ann") == "ready"


def test_a_class_behind_one_address(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT, lab_settings.SANDBOXES_PER_NETWORK = 40, 0
    pupils = [f"pupil-{number}" for number in range(30)]
    claim(*pupils, address="192.0.2.1")
    assert 0 < len(line()) < 30, "all are made at once, or none"
    queue.work()
    assert {state(pupil) for pupil in pupils} == {"ready"}


def test_no_more_are_made_at_once_than_help(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 40
    claim(*(f"o{number}" for number in range(30)))
    assert len(queue.tasks) == capacity.makers()


def test_giving_up_frees_the_place_and_can_be_taken_back(queue: Queue) -> None:
    claim("ann", "bob", "eve", "ivy")
    service.give_up("eve")
    assert line() == ["ivy"]
    assert (shown("eve")["state"], "given up" in str(shown("eve")["message"])) == ("left", True)
    service.give_up("ann")
    assert state("ann") == "preparing", "only who waits can give up waiting"
    claim("eve")
    assert line() == ["ivy", "eve"]


def test_who_leaves_the_page_loses_the_place(queue: Queue) -> None:
    claim("ann", "bob", "eve", "ivy")
    Sandbox.objects.filter(state=State.QUEUED).update(touched=timezone.now() - waiting.GONE)
    kept = service.current("ivy")
    assert kept
    waiting.note(kept.key)
    sweeper.sweep()
    assert (line(), state("eve")) == (["ivy"], "none")


def test_what_nobody_looked_at_goes_to_those_who_wait(queue: Queue) -> None:
    claim("script", "ann")
    queue.work()
    service.see("ann")
    past = timezone.now() - waiting.UNUSED - timedelta(seconds=1)
    Sandbox.objects.update(created=past)
    sweeper.sweep()
    assert state("script") == "ready", "nobody else wanted it"
    claim("eve")
    sweeper.sweep()
    queue.work()
    assert (state("script"), state("ann"), state("eve")) == ("ended", "ready", "ready")
    assert "Nobody looked at this sandbox" in str(shown("script")["message"])


def test_starting_over_takes_no_place_from_the_queue(queue: Queue) -> None:
    claim("ann", "bob", "eve")
    queue.work()
    service.reset("ann", "docker")
    assert (state("ann"), line()) == ("preparing", ["eve"])
    queue.work()
    assert (state("ann"), line()) == ("ready", ["eve"])


def test_who_waits_cannot_start_over(queue: Queue) -> None:
    claim("ann", "bob", "eve")
    with pytest.raises(SandboxError, match="All 2 sandboxes") as refusal:
        service.reset("eve", "docker")
    assert (refusal.value.reason, line()) == (Reason.CAPACITY, ["eve"])


def test_little_memory_is_waited_for(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "_memory_free", lambda: 0)
    claim("ann")
    assert state("ann") == "queued"
    monkeypatch.undo()
    monkeypatch.setattr(service, "enqueue", queue)
    sweeper.sweep()
    queue.work()
    assert state("ann") == "ready"


# Estimates


def test_nobody_guesses_before_anything_was_made(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 40
    claim(*(f"o{number}" for number in range(capacity.makers() + 1)))
    assert shown(f"o{capacity.makers()}")["queue"] == {"place": 1, "seconds": None}


def test_an_estimate_is_made_of_what_makings_took(queue: Queue, lab_settings: Settings) -> None:
    lab_settings.SANDBOX_LIMIT = 40
    for seconds in (2.0, 4.0):
        Sandbox.objects.create(owner="", profile="docker", state=State.ENDED, made_in=seconds)
    Sandbox.objects.create(owner="", profile="kubernetes", state=State.ENDED, made_in=30.0)
    many = capacity.makers()
    claim(*(f"o{number:02}" for number in range(3 * many)))
    assert shown(f"o{many:02}")["queue"] == {"place": 1, "seconds": 3}
    assert shown(f"o{2 * many - 1:02}")["queue"] == {"place": many, "seconds": 3}
    assert shown(f"o{2 * many:02}")["queue"] == {"place": many + 1, "seconds": 6}


def test_in_a_full_lab_it_is_made_of_how_often_one_ends(queue: Queue, driver: HostDriver) -> None:
    claim("ann", "bob", "eve", "ivy")
    queue.work()
    Sandbox.objects.update(made_in=1.0)
    for _ in range(6):
        Sandbox.objects.create(
            owner="somebody", profile="docker", state=State.ENDED, ended=timezone.now() - timedelta(minutes=9)
        )
    assert shown("eve")["queue"] == {"place": 1, "seconds": 601}
    assert shown("ivy")["queue"] == {"place": 2, "seconds": 1201}


def test_it_is_never_longer_than_until_one_must_end(
    queue: Queue, driver: HostDriver, lab_settings: Settings
) -> None:
    claim("ann", "bob", "eve")
    queue.work()
    Sandbox.objects.update(made_in=1.0)
    left = timedelta(seconds=lab_settings.SANDBOX_LIFETIME - 120)
    Sandbox.objects.filter(owner="bob").update(touched=timezone.now() - left)
    place = shown("eve")["queue"]
    assert place in ({"place": 1, "seconds": 121}, {"place": 1, "seconds": 120})
