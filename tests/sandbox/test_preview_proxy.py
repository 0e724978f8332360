"""What passes through a preview, and what does not: real requests to a real program on this machine."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import os
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import WSMsgType, WSServerHandshakeError
from pytest_django import Settings

from sandbox.drivers.base import Spec
from sandbox.preview import passes, sockets
from tests.sandbox.previews import Place, place
from tests.sandbox.web import Daemon

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "preview-1"


@pytest.fixture
async def here(lab_settings: Settings, daemon: Daemon) -> AsyncIterator[Place]:
    daemon.driver.create(KEY, Spec(), lambda *step: None)
    async with place(lab_settings, KEY) as found:
        yield found


async def test_a_page_as_the_program_sees_it(here: Place) -> None:
    path = "/a%2Fb/%E2%82%AC;x=1?q=%20a+b&c=/../d"
    headers = {
        "Origin": f"http://{here.browser.host(here.target)}", "X-Forwarded-For": "192.0.2.1", "Accept": "x/y",
        "Referer": f"http://{here.browser.host(here.target)}/from?x", "Connection": "X-Mine", "X-Mine": "1",
    }  # fmt: skip
    async with here.browser.ask(here.target, path, headers=headers) as answer:
        assert answer.status == 200
        seen = await answer.json()
    own = f"localhost:{here.target.port}"
    assert seen["path"] == path
    assert seen["headers"]["Host"] == own
    assert seen["headers"]["Origin"] == f"http://{own}"
    assert seen["headers"]["Referer"] == f"http://{own}/from?x"
    assert seen["headers"]["Accept"] == "x/y"
    assert not {"X-Forwarded-For", "X-Mine", "Cookie"} & seen["headers"].keys()


async def test_the_labs_cookies_never_arrive(here: Place) -> None:
    labs = "learner=me; lab_access=code; csrftoken=t; sessionid=s; lab_preview_9001=p; __Host-learner=x"
    cookie = f"own=1; {labs}; lab_preview={here.browser.cookie}; other=a=b"
    async with here.browser.ask(here.target, headers={"Cookie": cookie}) as answer:
        assert (await answer.json())["headers"]["Cookie"] == "own=1; other=a=b"


async def test_what_a_program_sets_stays_its_own(here: Place) -> None:
    path = (
        "/?set=session=1;Path=/;Domain=localhost;SameSite=Lax&set=learner=stolen&set=lab_preview=x"
        "&header=Strict-Transport-Security:max-age=9&header=Clear-Site-Data:*&header=Alt-Svc:h3"
        "&header=X-Frame-Options:DENY&header=Content-Security-Policy:default-src%20x;frame-ancestors%20'none'"
    )
    async with here.browser.ask(here.target, path) as answer:
        assert answer.headers.getall("Set-Cookie") == [
            "session=1; Path=/; SameSite=None; Secure; Partitioned"
        ]
        gone = ("Strict-Transport-Security", "Clear-Site-Data", "Alt-Svc", "X-Frame-Options")
        assert not [name for name in gone if name in answer.headers]
        assert answer.headers.getall("Content-Security-Policy") == [
            "default-src x", "frame-ancestors 'self' http://127.0.0.1:8000",
        ]  # fmt: skip


async def test_redirects_stay_in_the_preview(here: Place) -> None:
    origin = f"http://{here.browser.host(here.target)}"
    for to, expected in {
        f"http://localhost:{here.target.port}/next?x=1": f"{origin}/next?x=1",
        f"http://127.0.0.1:{here.target.port}": f"{origin}/",
        "/next": "/next",
        "https://example.org/": "https://example.org/",
        "http://localhost:1/": "http://localhost:1/",
    }.items():
        async with here.browser.ask(here.target, f"/redirect?to={quote(to, safe='')}") as answer:
            assert (answer.status, answer.headers["Location"]) == (302, expected)


async def test_an_upload_arrives_whole(here: Place) -> None:
    data = os.urandom(20 << 20)
    digest = hashlib.sha256(data).hexdigest()

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 100_000):
            yield data[at : at + 100_000]

    async with here.browser.ask(here.target, "/upload", "POST", data=io.BytesIO(data)) as answer:
        assert (await answer.json()) == {"sha256": digest, "size": len(data), "te": False}
    async with here.browser.ask(here.target, "/upload", "PUT", data=pieces(), expect100=True) as answer:
        assert (await answer.json()) == {"sha256": digest, "size": len(data), "te": True}


async def test_a_packed_upload_stays_packed(here: Place) -> None:
    data = gzip.compress(b"x" * 1000)
    headers = {"Content-Encoding": "gzip"}
    async with here.browser.ask(here.target, "/upload", "POST", data=data, headers=headers) as answer:
        assert (await answer.json())["sha256"] == hashlib.sha256(data).hexdigest()
    assert here.program.seen[-1].headers["Content-Encoding"] == "gzip"


async def test_without_a_body(here: Place) -> None:
    async with here.browser.ask(here.target, "/x", "HEAD") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert int(answer.headers["Content-Length"]) > 0
    async with here.browser.ask(here.target, "/x", "DELETE") as answer:
        assert (await answer.json())["method"] == "DELETE"


async def test_an_event_is_not_held_back(here: Place) -> None:
    async with here.browser.ask(here.target, "/events") as answer:
        assert await asyncio.wait_for(answer.content.readuntil(b"\n\n"), 5) == b"data: first\n\n"
        here.program.let_go.set()
        assert await asyncio.wait_for(answer.content.readuntil(b"\n\n"), 5) == b"data: second\n\n"


async def test_an_answer_that_breaks_off_is_seen_to(here: Place) -> None:
    with pytest.raises(aiohttp.ClientError):
        async with here.browser.ask(here.target, "/broken") as answer:
            await answer.read()


async def test_a_port_where_nothing_listens(here: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    target = type(here.target)(KEY, free)
    here.browser.cookie = passes.seal(here.browser.pass_for(target))
    async with here.browser.ask(target, headers={"Accept": "text/html"}) as answer:
        assert answer.status == 502
        assert f"Nothing listens on port {free} yet" in await answer.text()
    async with here.browser.ask(target) as answer:  # a program asks
        assert (answer.status, await answer.text()) == (502, f"Nothing listens on port {free} yet.\n")
    async with here.browser.ask(target, "/.lab-preview/ready") as answer:
        assert answer.status == 503
    with socket.create_server(("127.0.0.1", free)):
        async with here.browser.ask(target, "/.lab-preview/ready") as answer:
            assert answer.status == 204


async def test_a_port_that_speaks_something_else(here: Place) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        target = type(here.target)(KEY, server.sockets[0].getsockname()[1])
        here.browser.cookie = passes.seal(here.browser.pass_for(target))
        async with here.browser.ask(target) as answer:
            assert (answer.status, "does not speak HTTP" in await answer.text()) == (502, True)


# WebSockets


def open_socket(here: Place, **options: Any) -> Any:
    headers = here.browser.headers(here.target)
    options = {"origin": f"http://{here.browser.host(here.target)}", "autoping": False, **options}
    return here.browser.client.ws_connect(here.browser.url("/socket"), headers=headers, **options)


async def test_messages_go_both_ways(here: Place) -> None:
    async with open_socket(here, protocols=["other", "chat"]) as found:
        assert found.protocol == "chat"
        await found.send_str("grüße")
        assert (await found.receive_str()) == "grüße"
        data = os.urandom(1 << 20)
        await found.send_bytes(data)
        assert (await found.receive_bytes()) == data
        await found.ping(b"ping")
        message = await found.receive()
        assert (message.type, message.data) == (WSMsgType.PONG, b"answer to ping")
    headers = here.program.seen[-1].headers
    assert headers["Origin"] == f"http://localhost:{here.target.port}"
    assert "Cookie" not in headers


async def test_how_a_program_closes_is_passed_on(here: Place) -> None:
    async with open_socket(here) as found:
        await found.send_str("bye")
        message = await found.receive()
        assert (message.type, found.close_code, message.extra) == (WSMsgType.CLOSE, 4321, "as you wish")
    async with open_socket(here) as found:
        await found.send_str("drop")
        message = await found.receive()
        assert (message.type, found.close_code) == (WSMsgType.CLOSED, 1006)


async def test_a_message_too_large_ends_it(here: Place) -> None:
    async with open_socket(here) as found:
        with suppress(ConnectionError):  # while it still sends
            await found.send_bytes(b"x" * (sockets.LARGEST + 1))
        assert (await found.receive()).type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
        assert found.close_code in (1009, 1006)


async def test_pages_of_others_open_no_socket(here: Place) -> None:
    for origin in ("http://evil.example", f"http://{here.browser.host(here.target)}.evil.example", "null"):
        with pytest.raises(WSServerHandshakeError) as refusal:
            await open_socket(here, origin=origin)
        assert refusal.value.status == 403
    with pytest.raises(WSServerHandshakeError):
        await open_socket(here, origin=None)
    assert here.program.seen == []


async def test_where_a_program_has_no_socket(here: Place) -> None:
    url = here.browser.url("/upload")
    with pytest.raises(WSServerHandshakeError) as refusal:
        await here.browser.client.ws_connect(
            url, headers=here.browser.headers(here.target), origin=f"http://{here.browser.host(here.target)}"
        )
    assert refusal.value.status == 502
