"""A WebSocket passed on: messages both ways, pings and closing codes as they are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp
from aiohttp import ClientWSTimeout, WSMsgType, web

from sandbox.preview.headers import SOCKET, to_sandbox
from sandbox.preview.http import inner_url
from sandbox.preview.visits import Visit

LARGEST = 4 << 20
"""Bytes in one message; a longer one ends the connection with code 1009."""
CLOSING = 5.0
NO_CODE = 1000
"""What stands for a closing without a code."""

Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse
Used = Callable[[], Awaitable[None]]


def is_upgrade(request: web.BaseRequest) -> bool:
    """Whether a request asks for a WebSocket."""
    words = {part.strip().lower() for part in request.headers.get("Connection", "").split(",")}
    return request.headers.get("Upgrade", "").lower() == "websocket" and "upgrade" in words


async def relay(
    request: web.BaseRequest, visit: Visit, session: aiohttp.ClientSession, used: Used
) -> web.StreamResponse:
    """Open one to the program and one to the browser, and carry messages until either ends. Raises
    aiohttp.ClientError when the program cannot be reached. `used` is told of what the browser sends."""
    headers = to_sandbox(request.headers.items(), visit.target, visit.origin, visit.names)
    offered = request.headers.getall(f"{SOCKET}protocol", [])
    protocols = [part.strip() for value in offered for part in value.split(",") if part.strip()]
    try:
        inner = await session.ws_connect(
            inner_url(request, visit), headers=headers, protocols=protocols, autoclose=False, autoping=False,
            max_msg_size=LARGEST, timeout=ClientWSTimeout(ws_close=CLOSING),
        )  # fmt: skip
    except aiohttp.WSServerHandshakeError as error:
        status = error.status if error.status >= 300 else 502
        return web.Response(status=status, text="The program does not open a WebSocket here.\n")
    async with inner:
        outer = web.WebSocketResponse(
            protocols=[inner.protocol] if inner.protocol else [], autoclose=False, autoping=False,
            compress=False, max_msg_size=LARGEST, timeout=CLOSING,
        )  # fmt: skip
        await outer.prepare(request)
        await _carry(outer, inner, used)
        if not outer.closed and request.transport is not None:
            request.transport.abort()  # the program broke off, and so does this
        return outer


async def _carry(outer: web.WebSocketResponse, inner: aiohttp.ClientWebSocketResponse, used: Used) -> None:
    pumps = [
        asyncio.ensure_future(_pump(outer, inner, used)),
        asyncio.ensure_future(_pump(inner, outer, None)),
    ]
    try:
        done, _ = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        ends = [end for end in (pump.result() for pump in done if not pump.exception()) if end]
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    if ends:
        code, reason = ends[0]
        with suppress(ConnectionError):
            await asyncio.gather(
                outer.close(code=code, message=reason), inner.close(code=code, message=reason)
            )


async def _pump(source: Socket, sink: Socket, used: Used | None) -> tuple[int, bytes] | None:
    """Carry messages one way; how the source closed (code and reason), or None when it broke off."""
    while True:
        message = await source.receive()
        if used is not None:
            await used()
        if message.type is WSMsgType.TEXT:
            await sink.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await sink.send_bytes(message.data)
        elif message.type is WSMsgType.PING:
            await sink.ping(message.data)
        elif message.type is WSMsgType.PONG:
            await sink.pong(message.data)
        elif message.type is WSMsgType.CLOSE:
            return message.data or NO_CODE, (message.extra or "").encode()
        elif message.type is WSMsgType.ERROR and source.close_code:
            return source.close_code, b""
        else:
            return None
