"""One HTTP request passed on and its answer passed back, a piece at a time: whoever reads slowly slows the
other side down, and nothing piles up here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import aiohttp
from aiohttp import hdrs, web
from multidict import CIMultiDict
from yarl import URL

from sandbox.preview.headers import to_browser, to_sandbox
from sandbox.preview.visits import Visit

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
AUTOMATIC = (hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE)
"""Headers that aiohttp's client would add by itself."""


class Answer(web.StreamResponse):
    """A program's answer; `bare`: it named no content type, and none shall be made up;
    `server`: the names that it gave itself."""

    bare = False
    server: Sequence[str] = ()


async def tidy(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """Before headers are sent: take away what aiohttp's server adds by itself."""
    response.headers.popall(hdrs.SERVER, None)
    if isinstance(response, Answer):
        for value in response.server:
            response.headers.add(hdrs.SERVER, value)
        if response.bare:
            response.headers.popall(hdrs.CONTENT_TYPE, None)


def inner_url(request: web.BaseRequest, visit: Visit) -> URL:
    """Where the program is asked: the path as the browser sent it, byte by byte."""
    path = request.raw_path
    return URL(f"http://{visit.target.key}:{visit.target.port}{path}", encoded=True)


async def relay(
    request: web.BaseRequest, visit: Visit, kept: aiohttp.ClientSession, fresh: aiohttp.ClientSession
) -> web.StreamResponse:
    """Ask the program and answer the browser. Raises aiohttp.ClientError as long as nothing was answered;
    what breaks off later breaks the browser's connection off."""
    session = kept if request.method in SAFE and not request.body_exists else fresh
    upstream = await session.request(
        request.method,
        inner_url(request, visit),
        headers=to_sandbox(request.headers.items(), visit.target, visit.origin, visit.names),
        data=_body(request) if request.body_exists else None,
        allow_redirects=False,
        skip_auto_headers=AUTOMATIC,
    )
    async with upstream:
        fields = to_browser(
            upstream.headers.items(), visit.target, visit.origin, visit.names,
            frame=visit.frame, cross_site=visit.cross_site,
        )  # fmt: skip
        response = _answer(upstream, fields)
        await response.prepare(request)
        try:
            async for piece in upstream.content.iter_any():
                await response.write(piece)
        except aiohttp.ClientError:
            if request.transport is not None:
                request.transport.abort()  # no end that would pass for a whole answer
            return response
        with suppress(ConnectionError):
            await response.write_eof()
        return response


def _answer(upstream: aiohttp.ClientResponse, fields: CIMultiDict[str]) -> Answer:
    response = Answer(status=upstream.status, reason=upstream.reason, headers=fields)
    response.bare = hdrs.CONTENT_TYPE not in fields
    response.server = fields.getall(hdrs.SERVER, [])
    return response


async def _body(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """The request's body; one who asked whether to send it is told so once the program is connected."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        writer = request.writer
        await writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        writer.output_size = 0
    async for piece in request.content.iter_any():
        yield piece
