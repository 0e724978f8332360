from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import path
from pytest_django import Settings

from lessons import block_consumer, checks, consumers, course, learners, progress
from lessons.messages import Allowances
from lessons.models import CheckRequest, Learner
from sandbox import service
from sandbox.errors import SandboxError
from sandbox.models import Sandbox, State

from .conftest import LESSON, Shell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]
PATIENCE = 5.0

application = learners.LearnerScope(
    URLRouter([path("ws/lesson/<slug:lesson>/", consumers.LessonConsumer.as_asgi())])
)


class Page:
    """A page of the lesson, as the browser has it."""

    def __init__(self, cookie: str, lesson: str = "010-first", step: str = "10-one") -> None:
        headers = [(b"cookie", f"learner={cookie}".encode())]
        self.socket = WebsocketCommunicator(application, f"/ws/lesson/{lesson}/?step={step}", headers)

    async def open(self) -> Page:
        assert (await self.socket.connect(timeout=PATIENCE))[0]
        return self

    async def next(self, kind: str) -> dict[str, Any]:
        """The next message of that type; others are passed over."""
        while True:
            message: dict[str, Any] = await self.socket.receive_json_from(timeout=PATIENCE)
            if message["type"] == kind:
                return message

    async def sandbox(self, state: str, other_than: str = "") -> dict[str, Any]:
        """The next message that says a sandbox is in that state; one may be told several times."""
        while True:
            message = await self.next("sandbox")
            if message["state"] == state and message["key"] != other_than:
                return message

    async def closed(self) -> int:
        """The code it is closed with."""
        while True:
            message = await self.socket.receive_output(timeout=PATIENCE)
            if message["type"] == "websocket.close":
                return int(message["code"])

    async def say(self, **message: Any) -> None:
        await self.socket.send_to(text_data=json.dumps(message))


@pytest.fixture(autouse=True)
def allowances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MESSAGES", Allowances(rate=5, burst=40))
    monkeypatch.setattr(consumers, "CHECKS", Allowances(rate=2, burst=10))
    monkeypatch.setattr(block_consumer, "ANSWERS", Allowances(rate=2, burst=20))


@pytest.fixture
async def page(learner: Learner) -> AsyncIterator[Page]:
    opened = await Page(learners.sign(learner.key)).open()
    assert (await opened.next("sandbox"))["state"] == "none"
    assert await opened.next("progress") == {"type": "progress", "done": [], "total": 2, "lesson_done": False}
    yield opened
    await opened.socket.disconnect(timeout=PATIENCE)


@pytest.mark.parametrize("cookie", ["", "forged", "unknown"])
async def test_strangers_are_turned_away(cookie: str) -> None:
    value = learners.sign("x" * 20) if cookie == "unknown" else cookie
    assert await (await Page(value).open()).closed() == 4401


async def test_an_unknown_lesson(learner: Learner) -> None:
    assert await (await Page(learners.sign(learner.key), "020-no").open()).closed() == 4404


@pytest.mark.parametrize("text", ["{", "[]"])
async def test_malformed_messages_close_the_channel(page: Page, text: str) -> None:
    await page.socket.send_to(text_data=text)
    assert await page.closed() == 4400


@pytest.mark.parametrize("size", [4096, 10_000_000])
async def test_what_is_too_long_is_refused_with_a_sentence_and_no_end(page: Page, size: int) -> None:
    await page.say(type="answer", step="10-one", block="x", value="x" * size)
    assert "too long" in (await page.next("error"))["message"]
    await page.say(type="solve", step="10-one")
    assert await page.next("solution")


async def test_bytes_close_the_channel(page: Page) -> None:
    await page.socket.send_to(bytes_data=b"{}")
    assert await page.closed() == 4400


async def test_an_unknown_message_is_an_error_and_no_end(page: Page) -> None:
    await page.say(type="destroy")
    assert "reload" in (await page.next("error"))["message"]
    await page.say(type="solve", step="10-one")
    solution = {"type": "solution", "step": "10-one", "commands": ['touch "$LAB_TEST/one"']}
    assert await page.next("solution") == solution


async def test_too_much_at_once_is_refused(page: Page) -> None:
    for _ in range(60):
        await page.say(type="solve", step="10-one")
    assert "too much at once" in (await page.next("error"))["message"]


async def test_a_claim_reaches_every_page_of_the_learner(page: Page, learner: Learner) -> None:
    other = await Page(learners.sign(learner.key)).open()
    await page.say(type="claim")
    key = (await page.sandbox("preparing"))["key"]
    assert (await other.sandbox("preparing"))["key"] == key
    await database_sync_to_async(Sandbox.move)(key, frm=(State.PREPARING,), to=State.READY)
    await sync_to_async(service.announce)(key)
    for one in (page, other):
        assert (await one.sandbox("ready"))["key"] == key
    await page.say(type="reset")
    assert (await other.sandbox("preparing", other_than=key))["key"]
    await other.socket.disconnect(timeout=PATIENCE)


async def test_a_lost_event_leaves_no_page_behind(
    page: Page, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_AT_ROWS", 0.05)
    await page.say(type="claim")
    key = (await page.sandbox("preparing"))["key"]
    await database_sync_to_async(Sandbox.move)(key, frm=(State.PREPARING,), to=State.READY)
    assert (await page.sandbox("ready"))["key"] == key
    monkeypatch.setattr(consumers, "LOOK_WHEN_READY", 0.05)
    other = await Page(learners.sign(learner.key)).open()
    assert (await other.sandbox("ready"))["key"] == key
    await database_sync_to_async(Sandbox.move)(key, frm=(State.READY,), to=State.ENDING, message="It ended.")
    assert (await other.sandbox("ended"))["message"] == "It ended."
    await other.socket.disconnect(timeout=PATIENCE)


async def test_a_lost_event_leaves_no_check_running(
    page: Page, sandbox: Sandbox, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_WHEN_READY", 0.05)
    monkeypatch.setattr(consumers, "LOOK_AT_ROWS", 0.05)
    monkeypatch.setattr(checks, "tell", lambda *lost, **fields: None)
    (shell.folder / "one").touch()
    await begin_check(page, asked=False)
    assert (await page.next("check"))["state"] == "done"
    assert (await page.next("progress"))["done"] == ["10-one"]


async def test_a_claim_is_counted_by_the_address_that_the_proxy_says(
    learner: Learner, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TRUST_PROXY = True
    addresses: list[str] = []

    def claim(owner: str, profile: str, address: str) -> None:
        addresses.append(address)
        raise SandboxError("Noted.")

    monkeypatch.setattr(service, "claim", claim)
    page = Page(learners.sign(learner.key))
    page.socket.scope["headers"] += [
        (b"x-forwarded-for", b"1.1.1.1"),
        (b"x-forwarded-for", b"2.2.2.2, 3.3.3.3"),
    ]
    await page.open()
    await page.say(type="claim")
    await page.next("error")
    await page.socket.disconnect(timeout=PATIENCE)
    assert addresses == ["3.3.3.3"]


async def test_a_refused_claim_is_said(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> Any:
        raise SandboxError("All sandboxes are taken; try again in a few minutes.")

    monkeypatch.setattr(service, "claim", full)
    await page.say(type="claim")
    message = "All sandboxes are taken; try again in a few minutes."
    assert await page.next("error") == {"type": "error", "message": message}


async def run_checks() -> None:
    """What the worker does."""

    def run() -> None:
        for pk in list(CheckRequest.objects.filter(state="waiting").values_list("pk", flat=True)):
            checks.run(pk)

    await database_sync_to_async(run)()


async def test_a_check_from_click_to_done(
    page: Page, learner: Learner, sandbox: Sandbox, shell: Shell
) -> None:
    await begin_check(page, asked=True)
    hint = "There is no file one."
    assert await page.next("check") == {"type": "check", "step": "10-one", "state": "not-yet", "hint": hint}
    (shell.folder / "one").touch()
    await begin_check(page, asked=False)
    assert (await page.next("check"))["state"] == "done"
    assert await page.next("progress") == {
        "type": "progress", "done": ["10-one"], "total": 2, "lesson_done": False,
    }  # fmt: skip
    await page.say(type="check", step="10-one", asked=False)
    assert (await page.next("check"))["state"] == "done"
    assert not await database_sync_to_async(CheckRequest.objects.filter(state="waiting").exists)()


async def begin_check(page: Page, *, asked: bool) -> None:
    """Ask for a check of the first step, which a worker then does; the result is the page's next message."""
    await page.say(type="check", step="10-one", asked=asked)
    assert (await page.next("check"))["state"] == "running"
    await waiting()
    await run_checks()


async def waiting() -> None:
    """Until the request has reached the database."""
    exists = database_sync_to_async(CheckRequest.objects.filter(state="waiting").exists)
    async with asyncio.timeout(PATIENCE):
        while not await exists():
            await asyncio.sleep(0.01)


async def test_a_stopped_engine_is_told(page: Page, learner: Learner, sandbox: Sandbox, shell: Shell) -> None:
    shell.engine_alive = False
    await page.say(type="check", step="10-one", asked=True)
    await waiting()
    await run_checks()
    message = await page.next("engine")
    assert (message["alive"], "stopped" in message["message"]) == (False, True)


async def test_automatic_checks_beyond_the_limit_are_dropped_and_asked_ones_refused(page: Page) -> None:
    for _ in range(12):
        await page.say(type="check", step="10-one", asked=False)
    await page.say(type="check", step="10-one", asked=True)
    assert "very often" in (await page.next("error"))["message"]


async def test_events_of_another_lesson_are_not_shown(page: Page, learner: Learner) -> None:
    layer = get_channel_layer()
    event = {"type": "check.result", "step": "10-one", "state": "not-yet", "hint": "x"}
    await layer.group_send(checks.group(learner.key), {**event, "lesson": "020-other"})
    await layer.group_send(checks.group(learner.key), {**event, "lesson": "010-first", "hint": "mine"})
    assert (await page.next("check"))["hint"] == "mine"


async def test_another_learner_hears_nothing(page: Page) -> None:
    layer = get_channel_layer()
    event = {"type": "check.result", "lesson": "010-first", "step": "10-one", "state": "not-yet", "hint": "x"}
    await layer.group_send(checks.group("y" * 20), event)
    assert await page.socket.receive_nothing(timeout=0.2)


async def test_a_page_that_returns_gets_what_it_missed(
    learner: Learner, sandbox: Sandbox, shell: Shell
) -> None:
    await database_sync_to_async(checks.request)(learner.key, "010-first", "10-one", asked=True)
    await run_checks()
    await database_sync_to_async(progress.mark_done)(learner.key, "010-first", "20-two")
    page = await Page(learners.sign(learner.key)).open()
    assert (await page.next("sandbox"))["state"] == "ready"
    assert (await page.next("progress"))["done"] == ["20-two"]
    assert (await page.next("check"))["hint"] == "There is no file one."
    await page.socket.disconnect(timeout=PATIENCE)


async def test_opening_a_step_prepares_it_in_a_ready_sandbox(
    learner: Learner, sandbox: Sandbox, shell: Shell
) -> None:
    page = await Page(learners.sign(learner.key), step="20-two").open()
    await page.next("progress")
    await waiting()
    await run_checks()
    assert (shell.folder / "ready").exists()
    await page.socket.disconnect(timeout=PATIENCE)


async def test_set_up_is_followed_until_it_is_over(
    learner: Learner, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_AT_SETUP", 0.02)
    settings.PATHS = type(settings.PATHS)(tmp_path)
    settings.PATHS.run.mkdir()
    settings.PATHS.progress_file.write_text('{"done": 1}')
    page = await Page(learners.sign(learner.key)).open()
    first = await page.next("sandbox")
    assert (first["state"], first["setup"]) == ("waiting", {"done": 1})
    settings.PATHS.progress_file.write_text('{"done": 2}')
    while first["setup"] == {"done": 1}:
        first = await page.next("sandbox")
    assert first["setup"] == {"done": 2}
    settings.PATHS.progress_file.unlink()
    last = await page.next("sandbox")
    assert (last["state"], last["setup"]) == ("none", None)
    await page.socket.disconnect(timeout=PATIENCE)


async def test_authors_hear_of_an_edit(
    learner: Learner, content: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.setattr(consumers, "LOOK_AT_FILES", 0.02)
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)
    page = await Page(learners.sign(learner.key)).open()
    await page.next("progress")
    (content / "010-first/lesson.md").write_text(LESSON.replace("A lesson", "Edited"))
    assert await page.next("lesson-changed") == {"type": "lesson-changed"}
    await page.socket.disconnect(timeout=PATIENCE)


async def test_an_arrangement_is_kept_and_told_to_the_other_pages(page: Page, learner: Learner) -> None:
    other = await Page(learners.sign(learner.key)).open()
    await page.say(type="claim")
    key = (await page.sandbox("preparing"))["key"]
    assert (await other.sandbox("preparing"))["layout"] is None
    tabs = [{"name": "main", "title": "Mine", "pane": 0}]
    layout = {"tabs": tabs, "shown": ["main"], "direction": "row", "share": 0.5}
    await page.say(type="layout", key=key, layout=layout)
    assert await other.next("layout") == {"type": "layout", "key": key, "layout": layout}
    await other.say(type="layout", key=key, layout={**layout, "share": 7})
    assert "arrangement" in (await other.next("error"))["message"]
    await other.say(type="layout", key="another", layout=layout)
    assert "has ended" in (await other.next("error"))["message"]
    later = await Page(learners.sign(learner.key)).open()
    assert (await later.sandbox("preparing"))["layout"] == layout
    for one in (other, later):
        await one.socket.disconnect(timeout=PATIENCE)
    await page.say(type="solve", step="10-one")
    while (message := await page.socket.receive_json_from(timeout=PATIENCE))["type"] != "solution":
        assert message["type"] != "layout", "a page was told of its own arrangement"


async def test_closing_a_terminal(page: Page, learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str]] = []
    monkeypatch.setattr(service, "close_terminal", lambda *arguments: asked.append(arguments))
    await page.say(type="close-terminal", key="k", name="t2")
    assert await page.next("terminal-closed") == {"type": "terminal-closed", "name": "t2"}
    assert asked == [(learner.key, "k", "t2")]


async def test_an_engine_that_ends_by_itself_is_told_and_so_is_its_return(
    page: Page, learner: Learner, sandbox: Sandbox
) -> None:
    for alive in (False, True):
        await database_sync_to_async(Sandbox.objects.filter(key=sandbox.key).update)(engine_alive=alive)
        await sync_to_async(checks.tell)(learner.key, "learner.sandbox")
        message = await page.next("engine")
        assert (message["alive"], bool(message["message"])) == (alive, not alive)
    await database_sync_to_async(Sandbox.objects.filter(key=sandbox.key).update)(engine_alive=False)
    late = await Page(learners.sign(learner.key)).open()
    assert not (await late.next("engine"))["alive"], "who comes later is told too"
    await late.socket.disconnect()
