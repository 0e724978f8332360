"""What a page says and hears of waiting, sleeping and expiring sandboxes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.utils import timezone
from pytest_django import Settings

from lessons import consumers, learners
from lessons.messages import Allowances
from lessons.models import CheckRequest, Learner
from sandbox import service, waiting
from sandbox.models import Sandbox, State

from .test_consumers import PATIENCE, Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MESSAGES", Allowances(rate=5, burst=40))
    monkeypatch.setattr(consumers, "LOOK_AT_ROWS", 0.05)
    monkeypatch.setattr(consumers, "LOOK_WHEN_READY", 0.05)
    monkeypatch.setattr(service, "_thaw", lambda sandbox: None)


@pytest.fixture
async def page(learner: Learner) -> AsyncIterator[Page]:
    opened = await Page(learners.sign(learner.key)).open()
    yield opened
    await opened.socket.disconnect(timeout=PATIENCE)


async def change(key: str, **fields: Any) -> None:
    """As another process of the lab does, whose event is lost."""
    await database_sync_to_async(Sandbox.objects.filter(key=key).update)(**fields)


async def test_who_waits_sees_their_place_until_they_are_served(page: Page, settings: Settings) -> None:
    settings.SANDBOX_LIMIT = 1
    taken = await Sandbox.objects.acreate(owner="bob", profile="docker", state=State.READY)
    await page.say(type="claim")
    queued = await page.sandbox("queued")
    assert queued["queue"]["place"] == 1
    await change(queued["key"], touched=timezone.now() - waiting.GONE)
    noted = timezone.now() - waiting.HEARD
    while (await Sandbox.objects.aget(key=queued["key"])).touched < noted:
        pass  # the open page itself keeps the place
    await change(taken.key, state=State.ENDED)
    await page.say(type="claim")
    served = await page.sandbox("preparing")
    assert (served["key"], served["queue"]) == (queued["key"], None)


async def test_leaving_the_queue_reaches_every_page(page: Page, learner: Learner, settings: Settings) -> None:
    settings.SANDBOX_LIMIT = 1
    await Sandbox.objects.acreate(owner="bob", profile="docker", state=State.READY)
    other = await Page(learners.sign(learner.key)).open()
    await page.say(type="claim")
    await other.sandbox("queued")
    await other.say(type="give-up")
    for one in (page, other):
        assert "given up your place" in (await one.sandbox("left"))["message"]
    await other.socket.disconnect(timeout=PATIENCE)


async def test_sleep_is_told_and_wake_ends_it(page: Page, sandbox: Sandbox) -> None:
    await page.sandbox("ready")
    await change(sandbox.key, asleep=True)
    assert (await page.sandbox("asleep"))["key"] == sandbox.key
    await page.say(type="wake")
    assert (await page.sandbox("ready"))["key"] == sandbox.key
    found = await Sandbox.objects.aget(key=sandbox.key)
    assert (found.asleep, found.seen is None) == (False, False)


async def test_opening_a_page_lets_a_sandbox_sleep_on(learner: Learner, sandbox: Sandbox) -> None:
    """Its step is prepared only once the sandbox is awake."""
    await change(sandbox.key, asleep=True)
    page = await Page(learners.sign(learner.key), step="20-two").open()
    await page.sandbox("asleep")
    await page.next("progress")
    assert not await CheckRequest.objects.aexists()
    await page.say(type="wake")
    await page.sandbox("ready")
    while not await CheckRequest.objects.aexists():
        pass
    await page.socket.disconnect(timeout=PATIENCE)


async def test_an_end_is_told_minute_by_minute_and_declined(
    page: Page, sandbox: Sandbox, settings: Settings
) -> None:
    assert (await page.sandbox("ready"))["expires"] is None
    lifetime = timedelta(seconds=settings.SANDBOX_LIFETIME)
    for minutes in (9, 8):
        await change(sandbox.key, touched=timezone.now() - lifetime + timedelta(minutes=minutes - 0.5))
        assert (await page.sandbox("ready"))["expires"] == minutes
    await page.say(type="keep")
    assert (await page.sandbox("ready"))["expires"] is None


async def test_a_visible_page_is_noted(page: Page, sandbox: Sandbox) -> None:
    await page.sandbox("ready")
    before = (await Sandbox.objects.aget(key=sandbox.key)).touched
    await page.say(type="present")
    while (found := await Sandbox.objects.aget(key=sandbox.key)).seen is None:
        pass
    assert found.touched == before, "to look is not to use"


async def test_words_from_pages_of_nobody_s_sandbox_do_no_harm(page: Page) -> None:
    for kind in ("present", "wake", "keep", "give-up"):
        await page.say(type=kind)
    await page.say(type="claim")
    await page.sandbox("preparing")
    assert await sync_to_async(Sandbox.objects.count)() == 1
