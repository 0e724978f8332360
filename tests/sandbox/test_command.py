"""`manage.py sandbox`, as operators type it, over a real sandboxd."""

from __future__ import annotations

from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from sandbox import service, sweeper
from sandbox.drivers.base import Handle, Spec
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.web import Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]


def sandbox(*words: str) -> tuple[str, str]:
    """What it prints, and what it complains about."""
    output, errors = StringIO(), StringIO()
    with suppress(SystemExit):
        call_command("sandbox", *words, stdout=output, stderr=errors)
    return output.getvalue(), errors.getvalue()


@pytest.fixture
def member(queue: Queue, lab_settings: Settings) -> str:
    """The key of the pool's one member."""
    lab_settings.POOL_SIZE = {"docker": 1}
    sweeper.sweep()
    queue.work()
    return Sandbox.objects.get(state=State.POOLED).key


def test_all_are_listed(queue: Queue, member: str) -> None:
    own = sandbox("create")[0].split()[-1]
    Sandbox.objects.create(owner="annabella", profile="docker", state=State.READY, asleep=True)
    Sandbox.objects.create(owner="bob", profile="docker", state=State.QUEUED)
    lines = {line.split()[0]: line.split()[1:-2] for line in sandbox("list")[0].splitlines()}
    assert lines[member] == ["pooled", "docker", "the", "pool"]
    assert lines[own] == ["ready", "docker", "operator"]
    assert ["asleep", "docker", "annabell"] in lines.values()
    assert ["queued", "docker", "bob"] in lines.values()


def test_a_member_of_the_pool_is_not_entered_but_may_be_removed(member: str, driver: HostDriver) -> None:
    assert "waits in the pool" in sandbox("run", member, "--", "true")[1]
    sandbox("destroy", member)
    assert (Sandbox.objects.get(key=member).state, driver.list()) == (State.ENDED, set())


def test_all_are_removed_but_what_is_made_for_others_meanwhile(
    member: str, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.create("orphan-1", Spec(), lambda name, index, count: None)
    destroy = HostDriver.destroy
    late: list[str] = []

    def destroy_and_make(self: HostDriver, handle: Handle) -> None:
        if not late:
            late.append(Sandbox.objects.create(owner="bob", profile="docker").key)
            driver.create(late[0], Spec(), lambda name, index, count: None)
        destroy(self, handle)

    monkeypatch.setattr(HostDriver, "destroy", destroy_and_make)
    sandbox("destroy", "--all")
    assert driver.list() == set(late)


def test_its_learner_is_told_at_once(
    queue: Queue, driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the sandbox is gone, which takes a while: a page that looks then must not ask for another."""
    key = service.claim("ann", "docker").key
    queue.work()
    shown: list[dict[str, object]] = []
    destroy = HostDriver.destroy

    def look(self: HostDriver, handle: Handle) -> None:
        shown.append(service.state_message(service.current("ann")))
        destroy(self, handle)

    monkeypatch.setattr(HostDriver, "destroy", look)
    sandbox("destroy", key)
    assert (shown[0]["state"], "has removed this sandbox" in str(shown[0]["message"])) == ("ended", True)
