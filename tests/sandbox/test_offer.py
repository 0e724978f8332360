"""Sandboxes of a profile whose parts are not built: said at once what is missing, and nothing ends for it."""

from __future__ import annotations

import json

import pytest
from pytest_django import Settings

from sandbox import offer, service
from sandbox.errors import Reason, SandboxError, SandboxUnavailable
from sandbox.models import Sandbox, State
from tests.sandbox.hosts import HostDriver
from tests.sandbox.web import Queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("daemon")]

BUILDING = {"parts": [{"name": "tools", "title": "Kubernetes", "state": "running"}], "failed": None}
WHY = "The tools of Kubernetes are incomplete: etcd v3.7.0 is missing; run `make up` again."


def tell(settings: Settings, progress: object) -> None:
    """As the builder does."""
    settings.PATHS.tools_progress.write_text(json.dumps(progress))


def refused(profile: str = "kubernetes") -> str:
    """What a learner is told who wants such a sandbox."""
    with pytest.raises(SandboxError) as raised:
        service.claim("ann", profile)
    assert raised.value.reason is Reason.UNAVAILABLE
    return raised.value.message


def test_it_is_said_whether_it_is_being_built_or_why_not(lab_settings: Settings) -> None:
    assert refused() == offer.NOT_BUILT
    assert offer.lacking("kubernetes") == {"what": "kubernetes", "parts": [], "failed": offer.NOT_BUILT}
    tell(lab_settings, BUILDING)
    assert refused() == offer.BEING_BUILT
    assert offer.lacking("kubernetes") == {"what": "kubernetes", **BUILDING}
    tell(lab_settings, {**BUILDING, "failed": WHY})
    assert refused() == WHY
    assert not Sandbox.objects.exists(), "nobody waits for what does not come"


def test_docker_lacks_nothing_and_what_is_built_is_there(lab_settings: Settings, queue: Queue) -> None:
    tell(lab_settings, BUILDING)
    assert offer.lacking("docker") is None
    assert service.claim("bob", "docker").state == State.PREPARING
    lab_settings.PATHS.tools.mkdir(parents=True)
    assert offer.lacking("kubernetes") is None
    assert service.claim("ann", "kubernetes").state == State.PREPARING


def test_nothing_ends_for_a_sandbox_that_cannot_be_made(queue: Queue) -> None:
    mine = service.claim("ann", "docker")
    queue.work()
    for ask in (service.claim, service.reset):
        with pytest.raises(SandboxUnavailable):
            ask("ann", "kubernetes")
    assert Sandbox.objects.get(key=mine.key).state == State.READY


def test_what_was_taken_away_meanwhile_is_not_waited_for(
    lab_settings: Settings, queue: Queue, driver: HostDriver
) -> None:
    """A new version of the lab has other programs, which are built anew."""
    lab_settings.PATHS.tools.mkdir(parents=True)
    key = service.claim("ann", "kubernetes").key
    lab_settings.PATHS.tools.rmdir()
    shown = service.state_message(Sandbox.objects.get(key=key))
    assert (shown["state"], shown["setup"]["what"]) == ("waiting", "kubernetes")
    driver.error = SandboxUnavailable("The programs of Kubernetes are not built yet.")
    queue.work()
    found = Sandbox.objects.get(key=key)
    assert (found.state, found.message) == (State.FAILED, driver.error.message)
