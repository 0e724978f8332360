"""The terminal's WebSocket: how what sandboxd refuses reaches the page."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest
from channels.db import database_sync_to_async
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import path
from pytest_django import Settings

from lab.paths import Paths
from sandbox.consumers import PROTOCOL, TerminalSocket
from sandbox.models import Sandbox, State
from sandbox.sandboxd import terminals as terminals_module
from sandbox.sandboxd.operations import Operations
from sandbox.sandboxd.server import Server
from sandbox.sandboxd.terminals import Terminals
from sandbox.termd.server import Server as Termd
from tests.sandbox.hosts import HostDriver
from tests.sandbox.peers import ATTACH
from tests.sandbox.ptys import PATIENCE

application = URLRouter([path("ws/terminal/<slug:key>/<slug:name>", TerminalSocket.as_asgi())])


@pytest.mark.django_db(transaction=True)
async def test_one_terminal_too_many(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminals_module, "AT_ONCE", 0)
    settings.PATHS = Paths(tmp_path)
    settings.PATHS.run_lab.mkdir(parents=True)
    (tmp_path / "sandboxes" / "key-1").mkdir(parents=True)
    terminals = Terminals(tmp_path)
    terminals._linked.set()  # to a termd that need not do anything
    operations = Operations(HostDriver(tmp_path / "sandboxes"), terminals)
    sandboxd = Server(settings.PATHS.sandboxd_socket, operations, {os.getuid()}, os.getgid())
    threading.Thread(target=sandboxd.serve, daemon=True).start()
    termd = await Termd().listen(settings.PATHS.termd_socket)
    await database_sync_to_async(Sandbox.objects.create)(
        key="key-1", owner="ann", profile="docker", state=State.READY, handle={"key": "key-1"}
    )
    page = WebsocketCommunicator(application, "/ws/terminal/key-1/main", subprotocols=[PROTOCOL])
    page.scope["learner_key"] = "ann"
    assert (await page.connect(timeout=PATIENCE))[0]
    await page.send_to(text_data=json.dumps(ATTACH))
    error = await page.receive_json_from(timeout=PATIENCE)
    assert (error["type"], error["code"], "exit" in error["message"]) == ("error", 4403, True)
    assert await page.receive_output(timeout=PATIENCE) == {"type": "websocket.close", "code": 4403}
    await page.disconnect(timeout=PATIENCE)
    sandboxd.close()
    termd.close()
