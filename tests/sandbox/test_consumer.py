"""The terminal's WebSocket against a real termd and a real shell: who is let in, what is passed on, what ends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import path
from django.utils import timezone
from pytest_django import Settings

from lab.paths import Paths
from sandbox import consumers
from sandbox.consumers import PROTOCOL, TerminalSocket
from sandbox.drivers.base import Spec, Status
from sandbox.models import Sandbox, State
from sandbox.termd import frames
from tests.sandbox.peers import read
from tests.sandbox.ptys import PATIENCE, until_sync
from tests.sandbox.termds import Lab

pytestmark = pytest.mark.django_db(transaction=True)
ROUTES = URLRouter([path("ws/terminal/<slug:key>/<slug:name>", TerminalSocket.as_asgi())])
ATTACH = {"type": "attach", "version": 1, "cols": 80, "rows": 24, "writer": "w"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    yield (found := Lab(tmp_path_factory.mktemp("lab")))
    found.stop_termd()
    found.daemon.stop()


@pytest.fixture(autouse=True)
def here(lab: Lab, settings: Settings) -> None:
    settings.PATHS = lab.paths
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


class Page:
    """A browser's end, as learner `owner`."""

    def __init__(self, key: str, owner: str | None = "ann", name: str = "main", **options: Any) -> None:
        async def application(scope: dict[str, Any], receive: Any, send: Any) -> Any:
            return await ROUTES({**scope, "learner_key": owner}, receive, send)

        options.setdefault("subprotocols", [PROTOCOL])
        self.socket = WebsocketCommunicator(application, f"/ws/terminal/{key}/{name}", **options)
        self.output = b""
        self.typed = 0
        self.epoch = 0
        self.said = ""

    async def open(self) -> Page:
        accepted, protocol = await self.socket.connect(timeout=PATIENCE)
        assert (accepted, protocol) == (True, PROTOCOL)
        return self

    async def attach(self, **changes: Any) -> dict[str, Any]:
        """What the server says to it."""
        await (await self.open()).say({**ATTACH, **changes})
        answer = await self.hear()
        self.epoch, self.typed = answer.get("epoch", 0), answer.get("input", 0)
        return answer

    async def say(self, message: object) -> None:
        await self.socket.send_to(text_data=json.dumps(message))

    async def type(self, data: bytes) -> None:
        await self.socket.send_to(bytes_data=frames.encode(frames.Type.INPUT, self.epoch, self.typed, data))
        self.typed += len(data)

    async def hear(self) -> dict[str, Any]:
        """The next text message; output before it is kept and acknowledged."""
        while True:
            message = await self.socket.receive_output(timeout=PATIENCE)
            assert message["type"] == "websocket.send", message
            if message.get("text"):
                found: dict[str, Any] = json.loads(message["text"])
                return found
            await self._take(message["bytes"])

    async def until(self, end: bytes) -> None:
        while end not in self.output:
            message = await self.socket.receive_output(timeout=PATIENCE)
            assert message["type"] == "websocket.send" and message.get("bytes"), message
            await self._take(message["bytes"])

    async def _take(self, data: bytes) -> None:
        frame = frames.decode(data)
        self.output += frame.payload
        end = frame.offset + len(frame.payload)
        await self.socket.send_to(bytes_data=frames.encode(frames.Type.ACK, frame.epoch, end))

    async def closed(self) -> int:
        """The code it is closed with, after an error that says the same."""
        code = None
        while True:
            message = await self.socket.receive_output(timeout=PATIENCE)
            if message["type"] == "websocket.close":
                assert code in (None, message["code"])
                await self.leave()
                return int(message["code"])
            if message.get("text"):
                said = json.loads(message["text"])
                assert (said["type"], bool(said["message"])) == ("error", True)
                code, self.said = said["code"], said["message"]

    async def leave(self) -> None:
        await self.socket.disconnect(timeout=PATIENCE)


async def make(lab: Lab, owner: str = "ann", state: State = State.READY) -> Sandbox:
    row = await Sandbox.objects.acreate(owner=owner, profile="docker", state=state)
    row.handle = lab.driver.create(row.key, Spec(), lambda *step: None)
    await row.asave()
    return row


@pytest.fixture
async def sandbox(lab: Lab) -> Sandbox:
    return await make(lab)


@pytest.fixture
async def page(sandbox: Sandbox) -> AsyncIterator[Page]:
    """One with a shell in it."""
    found = Page(sandbox.key)
    assert (await found.attach())["type"] == "attached"
    await found.type(b"stty -echo\r")
    yield found
    await found.leave()


# Who is let in


@pytest.mark.parametrize("protocols", [None, [], ["lab.terminal.2"]])
async def test_who_does_not_speak_the_protocol(sandbox: Sandbox, protocols: list[str] | None) -> None:
    page = Page(sandbox.key, subprotocols=protocols)
    assert await page.socket.connect(timeout=PATIENCE) == (False, 4400)


@pytest.mark.parametrize("owner", [None, "", "bob"])
@pytest.mark.parametrize("whose", ["ann", ""])  # nobody's: an operator's
async def test_others_sandboxes(lab: Lab, whose: str, owner: str | None) -> None:
    assert await (await Page((await make(lab, whose)).key, owner).open()).closed() == 4401


async def test_an_unknown_sandbox() -> None:
    assert await (await Page("no-such-key").open()).closed() == 4404


@pytest.mark.parametrize("state", [State.PREPARING, State.ENDING, State.ENDED, State.FAILED])
async def test_a_sandbox_that_is_not_ready(lab: Lab, state: State) -> None:
    assert await (await Page((await make(lab, state=state)).key).open()).closed() == 4404


# What is said first

FIRST: list[dict[str, Any]] = [
    {"bytes_data": frames.encode(frames.Type.INPUT, 1, 0, b"x")},
    {"bytes_data": json.dumps(ATTACH).encode()},
    {"text_data": "attach"},
    {"text_data": "[]"},
    {"text_data": "[" * 20_000},
    {"text_data": " "},
    *[
        {"text_data": json.dumps({**ATTACH, **changes})}
        for changes in ({"version": 2}, {"cols": 0}, {"rows": "24"}, {"type": "resize"}, {"received": -1})
    ],
]


@pytest.mark.parametrize("first", FIRST)
async def test_mistakes_at_the_start(sandbox: Sandbox, first: dict[str, Any]) -> None:
    page = await Page(sandbox.key).open()
    await page.socket.send_to(**first)
    assert await page.closed() == 4400


async def test_a_terminal_of_somebody_elses_sandbox_cannot_be_named(lab: Lab, sandbox: Sandbox) -> None:
    bobs = Page((await make(lab, owner="bob")).key, "bob")
    await bobs.attach()
    anns = Page(sandbox.key)
    await anns.attach(terminal=f"{bobs.socket.scope['path'].split('/')[3]}/main")
    await anns.type(b"echo '<'$((6*7))'>'\r")
    await anns.until(b"<42>")
    await bobs.type(b"echo '<'bob'>'\r")
    await bobs.until(b"<bob>")
    assert b"<42>" not in bobs.output
    await anns.leave()
    await bobs.leave()


# What is passed on


async def test_a_shell_and_its_end(page: Page) -> None:
    await page.type(b"echo '<'$((6*7))'>'\r")
    await page.until(b"<42>")
    await page.type(b"exit 5\r")
    said = await page.hear()
    assert (said["type"], said["code"]) == ("exit", 5)
    assert await page.closed() == 1000


async def test_any_bytes_and_a_new_size(page: Page) -> None:
    await page.say({"type": "resize", "cols": 101, "rows": 37})
    await page.type(b"stty size; printf '\\377\\000\\303<end'; echo '>'\r")
    await page.until(b"<end>")
    assert b"37 101" in page.output
    assert b"\xff\x00\xc3<end>" in page.output


async def test_a_page_that_comes_back_goes_on(sandbox: Sandbox, page: Page) -> None:
    await page.type(b"x=kept; echo '<'$x'>'\r")
    await page.until(b"<kept>")
    await page.leave()
    back = Page(sandbox.key)
    answer = await back.attach(epoch=page.epoch, received=len(page.output))
    assert (answer["epoch"], answer["offset"], answer["input"]) == (page.epoch, len(page.output), page.typed)
    await back.type(b"echo '<'$x.too'>'\r")
    await back.until(b"<kept.too>")
    assert b"<kept>" not in back.output, "what was received came again"
    await back.leave()


async def test_a_page_in_another_tab_takes_over_by_the_learners_word(sandbox: Sandbox, page: Page) -> None:
    refused, second = Page(sandbox.key), Page(sandbox.key)
    assert (await refused.attach(tab="right"))["code"] == await refused.closed() == 4409
    await second.attach(tab="right", take=True)
    assert await page.closed() == 4409
    await second.leave()


async def test_terminals_by_name(sandbox: Sandbox, page: Page) -> None:
    other = Page(sandbox.key, name="other")
    await other.attach()
    await page.type(b"x=main; echo '<'$x'>'\r")
    await page.until(b"<main>")
    await other.type(b"echo '<'none$x'>'\r")
    await other.until(b"<none>")
    await other.leave()


async def test_use_is_noted(sandbox: Sandbox, page: Page) -> None:
    past = timezone.now() - timedelta(hours=1)
    await Sandbox.objects.filter(key=sandbox.key).aupdate(touched=past)
    fresh = Page(sandbox.key)
    await fresh.attach(writer="v")
    await fresh.type(b"echo '<'used'>'\r")
    await fresh.until(b"<used>")
    async with asyncio.timeout(PATIENCE):  # noted after the keys are on their way
        while not (await Sandbox.objects.aget(key=sandbox.key)).touched > past:
            await asyncio.sleep(0.01)
    await fresh.leave()


async def test_a_frozen_sandbox_is_thawed(lab: Lab, sandbox: Sandbox) -> None:
    lab.driver.freeze(sandbox.handle)
    page = Page(sandbox.key)
    await page.attach()
    assert lab.driver.poll(sandbox.handle) is Status.RUNNING
    await page.leave()


# What ends it


@pytest.mark.parametrize("data", [{"text_data": " " * 40_000}, {"bytes_data": b"\x01" * 40_000}])
async def test_an_oversized_message(page: Page, data: dict[str, Any]) -> None:
    await page.socket.send_to(**data)
    assert (await page.closed(), "too large" in page.said) == (4400, True)


async def test_a_malformed_frame(page: Page) -> None:
    await page.socket.send_to(bytes_data=b"\x07")
    assert await page.closed() == 4400


async def test_too_much_input(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "INPUT_BURST", 50_000)
    monkeypatch.setattr(consumers, "INPUT_RATE", 1)
    page = Page(sandbox.key)
    await page.attach()
    for _ in range(4):
        await page.type(b"x" * 16_000)
    assert await page.closed() == 4429


async def test_too_many_messages(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MESSAGES_RATE", 5)
    page = Page(sandbox.key)
    await page.attach()
    for _ in range(20):
        await page.say({"type": "resize", "cols": 80, "rows": 24})
    assert await page.closed() == 4429


async def test_a_sandbox_that_is_gone(lab: Lab, sandbox: Sandbox) -> None:
    lab.driver.destroy(sandbox.handle)
    page = await Page(sandbox.key).open()
    await page.say(ATTACH)
    assert await page.closed() == 4404


async def test_sandboxd_away(lab: Lab, sandbox: Sandbox) -> None:
    lab.daemon.stop()
    try:
        page = await Page(sandbox.key).open()
        await page.say(ATTACH)
        assert await page.closed() == 4503
    finally:
        lab.daemon.start()
        until_sync(lab.linked, "termd's connection to the new sandboxd")


async def test_termd_away_and_back(lab: Lab, sandbox: Sandbox, page: Page) -> None:
    await page.type(b"x=kept; echo '<'typed'>'\r")
    await page.until(b"<typed>")
    lab.stop_termd()
    try:
        assert await page.closed() == 4503
        late = await Page(sandbox.key).open()
        await late.say(ATTACH)
        assert await late.closed() == 4503
    finally:
        lab.start_termd()
    back = Page(sandbox.key)
    await back.attach(epoch=page.epoch, received=len(page.output))
    assert back.epoch != page.epoch
    await back.type(b"echo '<'$x'>'\r")
    await back.until(b"<kept>")
    await back.leave()


async def test_a_page_that_leaves_while_it_attaches(
    sandbox: Sandbox, settings: Settings, tmp_path: Path
) -> None:
    """Nothing of it stays behind, though termd has not answered yet."""
    settings.PATHS = Paths(tmp_path)
    settings.PATHS.run_lab.mkdir(parents=True)
    heard, left = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        heard.set()
        await reader.read()
        left.set()
        writer.close()

    termd = await asyncio.start_unix_server(silent, settings.PATHS.termd_socket)
    page = await Page(sandbox.key).open()
    await page.say(ATTACH)
    async with asyncio.timeout(PATIENCE):
        await heard.wait()
        await page.leave()
        await left.wait()
    assert not [task for task in asyncio.all_tasks() if "_serve" in repr(task.get_coro())]
    termd.close()
