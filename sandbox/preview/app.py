"""The preview process's answer to a request: the lab's own page, or what the program in the sandbox says."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable

import aiohttp
from aiohttp import web
from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from sandbox.errors import Reason, SandboxError
from sandbox.preview import http, origins, pages, passes, sockets
from sandbox.preview.dial import Connector, Dialler, Unanswered
from sandbox.preview.headers import COOKIE, cookies
from sandbox.preview.origins import Mode, Target
from sandbox.preview.passes import Pass
from sandbox.preview.rows import Rows
from sandbox.preview.visits import Full, Visit, Visits

log = logging.getLogger(__name__)

HEADER = 32 << 10
"""Bytes in one header or in the request's line."""
TIMEOUTS = aiohttp.ClientTimeout(total=None, sock_connect=10)
"""Programs may think, and streams may pause, for as long as they like."""


class Previews:
    """All previews of the lab. `assigned`: the target of a port of this machine, in mode PORTS."""

    def __init__(self, rows: Rows, assigned: Callable[[int], Target | None]) -> None:
        self.rows = rows
        self.visits = Visits(rows)
        self.dialler = Dialler(rows)
        self._assigned = assigned
        self._names = frozenset(settings.LAB_COOKIES)

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_route("*", "/{path:.*}", self.handle, expect_handler=_expected)
        made.on_response_prepare.append(http.tidy)
        made.cleanup_ctx.append(self._sessions)
        return made

    async def _sessions(self, app: web.Application) -> AsyncIterator[None]:
        """Clients to the sandboxes, as long as the application lives."""
        self._kept, self._fresh = (
            aiohttp.ClientSession(
                connector=Connector(self.dialler, fresh=fresh), cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False, timeout=TIMEOUTS,
                max_line_size=HEADER, max_field_size=HEADER,
            )
            for fresh in (False, True)
        )  # fmt: skip
        yield
        await self._kept.close()
        await self._fresh.close()
        self.dialler.close()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        answer = await self._answer(request)
        if isinstance(answer, pages.Page) and not _for_a_person(request):
            return answer.for_programs()
        return answer

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.headers.get("Host", "").lower()
        if request.raw_path == f"{pages.RESERVED}health":
            return web.Response(text="ok\n")
        target = self._target(request, host)
        if target is None or not request.raw_path.startswith("/"):
            return pages.nowhere()
        secure = settings.TRUST_PROXY and request.headers.get("X-Forwarded-Proto", "").lower() == "https"
        origin = f"{'https' if secure else 'http'}://{host}"
        labs = origins.lab_origins(host, secure=secure)
        if request.path == f"{pages.RESERVED}enter":
            return await self._enter(request, target, origin, labs)
        granted = self._granted(request, target, origin)
        if granted is None:
            return pages.signed_out(target, labs)
        row = await self.rows.find(target.key)
        if row is None or not row.admits(granted):
            return pages.ended([granted.lab])
        refusal = _refusal(request, origin)
        if refusal:
            return pages.refused(refusal)
        visit = Visit(target, origin, granted, row, self._names, [granted.lab], origins.cross_site())
        return await self._visit(request, visit)

    def _target(self, request: web.Request, host: str) -> Target | None:
        if origins.mode() is not Mode.PORTS:
            return origins.named(host)
        name = request.transport.get_extra_info("sockname") if request.transport else None
        return self._assigned(name[1]) if name and origins.known_here(host) else None

    def _granted(self, request: web.Request, target: Target, origin: str) -> Pass | None:
        name = cookie_name(request)
        for key, value in cookies(request.headers.items()):
            found = passes.unseal(value, origin) if key == name else None
            if found is not None and (found.key, found.port) == (target.key, target.port):
                return found
        return None

    async def _enter(
        self, request: web.Request, target: Target, origin: str, labs: list[str]
    ) -> web.StreamResponse:
        """Exchange the token for a cookie. A page that is loaded again brings a used one, and the cookie."""
        granted = self._granted(request, target, origin)
        if granted is None:
            redeem = database_sync_to_async(passes.redeem, thread_sensitive=False)
            try:
                granted = await redeem(request.query.get("token", ""), origin)
            except (RedisError, OSError):
                return pages.interrupted(labs)
        if granted is None or (granted.key, granted.port) != (target.key, target.port):
            return pages.signed_out(target, labs)
        headers = {"Location": "/", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        response = web.Response(status=303, headers=headers)
        attributes = "Path=/; HttpOnly; SameSite="
        attributes += "None; Secure; Partitioned" if origins.cross_site() else "Lax"
        value = f"{cookie_name(request)}={passes.seal(granted)}; Max-Age={passes.VISIT_SECONDS}; {attributes}"
        response.headers.add("Set-Cookie", value)
        return response

    async def _visit(self, request: web.Request, visit: Visit) -> web.StreamResponse:
        labs = [visit.granted.lab]
        try:
            with self.visits.under_way(request, visit.granted):
                await self.rows.use(visit.row)
                if request.path == f"{pages.RESERVED}ready":
                    return await self._ready(visit)
                if sockets.is_upgrade(request):
                    return await sockets.relay(request, visit, self._fresh, lambda: self.rows.use(visit.row))
                return await http.relay(request, visit, self._kept, self._fresh)
        except Full:
            return pages.busy(labs)
        except Unanswered as error:
            if error.reason is Reason.NOT_FOUND:
                return pages.waiting(visit.target, labs)
            return pages.ended(labs) if error.reason is Reason.REFUSED else pages.interrupted(labs)
        except (SandboxError, RedisError) as error:
            log.warning("Preview of sandbox %s: %s", visit.target.key, error)
            return pages.interrupted(labs)
        except aiohttp.ClientError as error:
            log.info("Preview of port %s in sandbox %s: %r", visit.target.port, visit.target.key, error)
            return pages.broken(visit.target, labs)

    async def _ready(self, visit: Visit) -> web.StreamResponse:
        """Whether something listens: 204, or 503."""
        try:
            (await self.dialler.dial(visit.target.key, visit.target.port)).close()
        except Unanswered:
            return web.Response(status=503, headers={"Cache-Control": "no-store"})
        return web.Response(status=204, headers={"Cache-Control": "no-store"})


def cookie_name(request: web.Request) -> str:
    """The name of a preview's cookie; ports of one host share their cookies, so there it holds the port."""
    if origins.mode() is not Mode.PORTS:
        return COOKIE
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return f"{COOKIE}_{name[1] if name else 0}"


def _refusal(request: web.Request, origin: str) -> str:
    """Why a request of another site's page is refused, or nothing: it comes with the visitor's cookie, but
    not by their wish. Plain links may lead anywhere."""
    said = request.headers.get("Sec-Fetch-Site", "")
    link = request.headers.get("Sec-Fetch-Mode", "") == "navigate" and request.method in ("GET", "HEAD")
    if sockets.is_upgrade(request):
        if request.headers.get("Origin", "").lower() != origin:
            return "A WebSocket of a preview opens from its own pages only."
    elif said in ("cross-site", "same-site") and not link:
        return "A preview answers its own pages only."
    if origins.mode() is Mode.PORTS and request.headers.get("Service-Worker"):
        return "A port that others get later keeps no service worker."
    return ""


def _for_a_person(request: web.Request) -> bool:
    """Whether what is asked for will be looked at as a page."""
    wanted = request.headers.get("Sec-Fetch-Dest")
    return (
        wanted in ("document", "iframe", "frame")
        if wanted
        else "text/html" in request.headers.get("Accept", "")
    )


async def _expected(request: web.Request) -> web.StreamResponse | None:
    """`Expect: 100-continue` is answered once the program is connected."""
    return None
