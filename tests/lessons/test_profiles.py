"""A lesson that needs a cluster: for those who have none, whose programs are not built, or who have another sandbox."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings

from lessons import consumers, course, learners
from lessons.models import Learner
from sandbox import capacity, offer, service
from sandbox.models import Sandbox, State

from .conftest import LESSON, STEP, Write
from .test_consumers import PATIENCE, Page

pytestmark = pytest.mark.django_db(transaction=True)
CLUSTER = LESSON.replace("profile: docker", "profile: kubernetes")
BUILDING = {"parts": [{"name": "tools", "title": "Kubernetes", "state": "running"}], "failed": None}


@pytest.fixture(autouse=True)
def lab(write: Write, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The course with a lesson more, in a lab where Kubernetes is not built."""
    settings.LESSONS_CONTENT = write({"020-second/lesson.md": CLUSTER, "020-second/10-one/step.md": STEP})
    course.store()
    settings.PATHS = type(settings.PATHS)(tmp_path / "data")
    settings.PATHS.run.mkdir(parents=True)
    settings.DISK_RESERVE = 0
    for name in ("LOOK_AT_SETUP", "LOOK_AT_ROWS", "LOOK_WHEN_READY"):
        monkeypatch.setattr(consumers, name, 0.02)
    monkeypatch.setattr(capacity, "has_memory", lambda profile: True)
    monkeypatch.setattr(service, "_thaw", lambda sandbox: None)


@pytest.fixture
async def page(learner: Learner) -> AsyncIterator[Page]:
    opened = await Page(learners.sign(learner.key), "020-second").open()
    yield opened
    await opened.socket.disconnect(timeout=PATIENCE)


async def test_what_is_missing_is_told_until_it_is_there(page: Page, settings: Settings) -> None:
    first = await page.sandbox("waiting")
    assert first["setup"] == {"what": "kubernetes", "parts": [], "failed": offer.NOT_BUILT}
    settings.PATHS.tools_progress.write_text(json.dumps(BUILDING))
    while (first := await page.sandbox("waiting"))["setup"]["failed"]:
        pass
    assert first["setup"] == {"what": "kubernetes", **BUILDING}
    await page.say(type="claim")
    assert (await page.next("error"))["message"] == offer.BEING_BUILT
    settings.PATHS.tools.mkdir(parents=True)
    assert (await page.sandbox("none"))["setup"] is None
    await page.say(type="claim")
    assert await page.sandbox("preparing")


async def test_a_sandbox_of_another_lesson_is_not_taken_for_this_ones(
    page: Page, learner: Learner, settings: Settings
) -> None:
    settings.PATHS.tools.mkdir(parents=True)
    await page.sandbox("none")
    mine = await Sandbox.objects.acreate(owner=learner.key, profile="docker", state=State.READY)
    other = await page.sandbox("other")
    assert (other["key"], other["message"]) == (None, consumers.OTHER["kubernetes"])
    assert (await Sandbox.objects.aget(key=mine.key)).state == State.READY, "nothing ends unasked"
    await page.say(type="claim")
    fresh = await Sandbox.objects.aget(key=(await page.sandbox("preparing"))["key"])
    assert (fresh.profile, fresh.owner) == ("kubernetes", learner.key)
    assert (await Sandbox.objects.aget(key=mine.key)).state == State.ENDING


async def test_each_lesson_keeps_to_its_own(page: Page, learner: Learner, settings: Settings) -> None:
    """Two pages of one learner do not take the sandbox from each other by turns."""
    settings.PATHS.tools.mkdir(parents=True)
    await page.sandbox("none")
    docker = await Page(learners.sign(learner.key)).open()
    await docker.sandbox("none")
    await docker.say(type="claim")
    await docker.sandbox("preparing")
    await page.sandbox("other")
    await page.say(type="claim")
    await page.sandbox("preparing")
    assert (await docker.sandbox("other"))["message"] == consumers.OTHER["docker"]
    await docker.socket.disconnect(timeout=PATIENCE)


async def test_one_that_has_ended_is_no_hindrance(page: Page, learner: Learner, settings: Settings) -> None:
    settings.PATHS.tools.mkdir(parents=True)
    await sync_to_async(Sandbox.objects.create)(
        owner=learner.key, profile="docker", state=State.ENDED, message="It has stopped."
    )
    assert (await page.sandbox("none"))["message"] == ""
