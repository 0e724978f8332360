"""A program on this machine behind the preview process's own application, in one event loop: what a test asks
through the one arrives at the other."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from asgiref.sync import sync_to_async
from pytest_django import Settings

from sandbox.models import Sandbox, State
from sandbox.preview import origins, passes
from sandbox.preview.app import HEADER, Previews
from sandbox.preview.origins import Target
from sandbox.preview.rows import Rows

OWNER = "learner-of-the-preview"
LAB = "http://127.0.0.1:8000"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Program:
    """Something that speaks HTTP; `seen` are the requests that reached it."""

    def __init__(self) -> None:
        self.seen: list[web.Request] = []
        self.port = 0
        self.let_go = asyncio.Event()

    def application(self) -> web.Application:
        made = web.Application(client_max_size=1 << 30)
        for path, handler in {
            "/upload": self.upload, "/events": self.events, "/socket": self.socket, "/redirect": self.redirect,
            "/broken": self.broken, "/{path:.*}": self.say,
        }.items():  # fmt: skip
            made.router.add_route("*", path, handler)
        return made

    async def say(self, request: web.Request) -> web.StreamResponse:
        """What it was asked, as JSON."""
        self.seen.append(request)
        headers = dict(request.headers.items())
        response = web.json_response({"path": request.raw_path, "method": request.method, "headers": headers})
        for name in request.query.getall("set", []):
            response.headers.add("Set-Cookie", name)
        for name in request.query.getall("header", []):
            key, _, value = name.partition(":")
            response.headers.add(key, value)
        return response

    async def upload(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        digest, size = hashlib.sha256(), 0
        async for piece in request.content.iter_any():
            digest.update(piece)
            size += len(piece)
        return web.json_response(
            {"sha256": digest.hexdigest(), "size": size, "te": "chunked" in str(request.headers)}
        )

    async def events(self, request: web.Request) -> web.StreamResponse:
        """One event, then another when it may."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await self.let_go.wait()
        await response.write(b"data: second\n\n")
        return response

    async def redirect(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def broken(self, request: web.Request) -> web.StreamResponse:
        """Breaks off in the middle of what it announced."""
        response = web.StreamResponse(headers={"Content-Length": "100000"})
        await response.prepare(request)
        await response.write(b"x" * 1000)
        assert request.transport is not None
        request.transport.close()
        return response

    async def socket(self, request: web.Request) -> web.StreamResponse:
        """An echo that speaks `chat`; `bye` makes it close with 4321, `drop` makes it break off."""
        self.seen.append(request)
        found = web.WebSocketResponse(protocols=["chat"], autoping=False)
        await found.prepare(request)
        async for message in found:
            if message.data == "bye":
                await found.close(code=4321, message=b"as you wish")
            elif message.data == "drop":
                assert request.transport is not None
                request.transport.abort()
            elif message.type is aiohttp.WSMsgType.PING:
                await found.pong(b"answer to " + message.data)
            elif message.type is aiohttp.WSMsgType.TEXT:
                await found.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await found.send_bytes(message.data)
        return found


class Browser:
    """Asks previews, with a cookie once it has entered."""

    def __init__(self, client: aiohttp.ClientSession, preview: int) -> None:
        self.client = client
        self.preview = preview
        self.cookie = ""

    def host(self, target: Target) -> str:
        return f"{target.port}-{target.key}.localhost:{self.preview}"

    def url(self, path: str) -> Any:
        from yarl import URL

        return URL(f"http://127.0.0.1:{self.preview}{path}", encoded=True)

    def headers(self, target: Target, **more: str) -> dict[str, str]:
        cookie = {"Cookie": f"lab_preview={self.cookie}"} if self.cookie else {}
        return {"Host": self.host(target), **cookie, **more}

    def ask(self, target: Target, path: str = "/", method: str = "GET", **options: Any) -> Any:
        headers = self.headers(target, **options.pop("headers", {}))
        return self.client.request(method, self.url(path), headers=headers, allow_redirects=False, **options)

    def pass_for(self, target: Target, owner: str = OWNER, **changes: Any) -> passes.Pass:
        fields = {
            "key": target.key, "port": target.port, "holder": passes.holder_of(owner),
            "origin": f"http://{self.host(target)}", "lab": LAB, **changes,
        }  # fmt: skip
        return passes.Pass(**fields)

    async def enter(self, target: Target, token: str) -> aiohttp.ClientResponse:
        """Bring a token; the cookie is kept if there is one."""
        async with self.ask(target, f"/.lab-preview/enter?token={token}") as response:
            found = response.cookies.get("lab_preview")
            self.cookie = found.value if found else self.cookie
            return response  # type: ignore[no-any-return]


class Place:
    """A program, the sandbox that it is said to run in, and a browser that may see it."""

    def __init__(self, program: Program, browser: Browser, key: str, previews: Previews) -> None:
        self.program = program
        self.browser = browser
        self.target = Target(key, program.port)
        self.previews = previews

    async def change(self, **fields: Any) -> None:
        """Change the sandbox's row, as the lab does."""
        await sync_to_async(Sandbox.objects.filter(key=self.target.key).update)(**fields)


@asynccontextmanager
async def listening(application: web.Application, **options: Any) -> AsyncIterator[int]:
    """An application on a free port of this machine."""
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, **options)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def place(settings: Settings, key: str) -> AsyncIterator[Place]:
    """A preview of a sandbox that is ready and whose owner has entered. sandboxd must run."""
    await sync_to_async(Sandbox.objects.create)(
        key=key, profile="docker", owner=OWNER, state=State.READY, handle={"key": key}
    )
    program, previews = Program(), Previews(Rows(), lambda port: None)
    options = {"handler_cancellation": True, "auto_decompress": False, "max_field_size": HEADER}
    async with (
        listening(program.application(), auto_decompress=False) as program.port,
        listening(previews.application(), **options) as port,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as client,
    ):
        settings.PREVIEW_PORT = port
        watch = asyncio.ensure_future(previews.visits.watch())
        try:
            assert origins.mode() is origins.Mode.LOCAL
            found = Place(program, Browser(client, port), key, previews)
            found.browser.cookie = passes.seal(found.browser.pass_for(found.target))
            yield found
        finally:
            watch.cancel()
