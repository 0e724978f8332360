"""A page that watches hears of the learner's tabs as they change, until the link is taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import path
from pytest_django import Settings

from sandbox import service, sharing, watching
from sandbox.models import Sandbox, State
from sandbox.watching import TabsConsumer
from tests.sandbox.ptys import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
ROUTES = URLRouter([path("ws/watch/<slug:token>", TabsConsumer.as_asgi())])
MAIN = {"name": "main", "title": "Terminal 1", "pane": 0}
SERVER = {"name": "t2", "title": "Server", "pane": 0}
SITE = {"name": "port-80", "title": "Port 80", "pane": 0, "port": 80}


def arranged(*tabs: dict[str, Any], shown: str = "main") -> dict[str, Any]:
    return {"tabs": list(tabs), "shown": [shown], "direction": "row", "share": 0.5}


@pytest.fixture(autouse=True)
def here(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
async def sandbox() -> Sandbox:
    return await Sandbox.objects.acreate(owner="ann", profile="docker", state=State.READY)


class Watcher:
    def __init__(self, token: str) -> None:
        self.socket = WebsocketCommunicator(ROUTES, f"/ws/watch/{token}")

    async def hear(self) -> Any:
        """The next message, or the code that it is closed with."""
        message = await self.socket.receive_output(timeout=PATIENCE)
        return message["code"] if message["type"] == "websocket.close" else json.loads(message["text"])


@pytest.fixture
async def watcher(sandbox: Sandbox) -> AsyncIterator[Watcher]:
    found = Watcher(await sync_to_async(sharing.share)(sandbox))
    assert (await found.socket.connect(timeout=PATIENCE))[0]
    yield found
    await found.socket.disconnect(timeout=PATIENCE)


async def arrange(sandbox: Sandbox, *tabs: dict[str, Any], shown: str = "main") -> None:
    await sync_to_async(service.arrange)("ann", sandbox.key, arranged(*tabs, shown=shown))


async def test_tabs_come_as_the_learner_arranges_them_and_previews_do_not(
    sandbox: Sandbox, watcher: Watcher
) -> None:
    first = {"name": "main", "title": "Terminal 1"}
    assert await watcher.hear() == {"type": "tabs", "tabs": [first], "shown": ["main"]}
    await arrange(sandbox, MAIN, SERVER, shown="t2")
    second = {"name": "t2", "title": "Server"}
    assert await watcher.hear() == {"type": "tabs", "tabs": [first, second], "shown": ["t2"]}
    await arrange(sandbox, MAIN, SERVER, SITE, shown="port-80")
    assert await watcher.hear() == {"type": "tabs", "tabs": [first, second], "shown": []}
    await arrange(sandbox, MAIN, SITE, shown="port-80")
    assert await watcher.hear() == {"type": "tabs", "tabs": [first], "shown": []}
    await watcher.socket.send_to(text_data="{" * 1000)
    await watcher.socket.send_to(bytes_data=b"\0")
    assert await watcher.socket.receive_nothing()


async def test_a_link_that_is_taken_back_ends_it(sandbox: Sandbox, watcher: Watcher) -> None:
    await watcher.hear()
    await sync_to_async(sharing.revoke)(sandbox.key)
    assert await watcher.hear() == 4410


async def test_an_end_that_nobody_told_of_is_noticed(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "LOOK", 0.05)
    watcher = Watcher(await sync_to_async(sharing.share)(sandbox))
    await watcher.socket.connect(timeout=PATIENCE)
    await watcher.hear()
    await Sandbox.objects.filter(key=sandbox.key).aupdate(state=State.ENDED)
    assert await watcher.hear() == 4410


async def test_a_link_that_never_was() -> None:
    watcher = Watcher("nothing")
    assert (await watcher.socket.connect(timeout=PATIENCE))[0]
    assert await watcher.hear() == 4410
