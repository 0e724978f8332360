"""The proxy that delays, between real sockets; and the namespace, where this machine may make one."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from bench import network
from bench.delay import carry

DELAY = 0.2


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


async def test_bytes_arrive_whole_in_order_and_late() -> None:
    sent = os.urandom(3_000_000)
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    proxied = []

    async def through(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        task = asyncio.current_task()
        assert task is not None
        proxied.append(task)
        await asyncio.gather(carry(reader, back, DELAY), carry(there, writer, DELAY))

    proxy = await asyncio.start_server(through, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*proxy.sockets[0].getsockname()[:2])
    began = time.monotonic()
    writer.write(b"x")
    assert await reader.readexactly(1) == b"x"
    assert time.monotonic() - began >= 2 * DELAY
    writer.write(sent)
    assert await asyncio.wait_for(reader.readexactly(len(sent)), 60) == sent
    writer.transport.abort()
    await asyncio.wait(proxied, timeout=10)  # the end is passed on, too
    assert all(task.done() for task in proxied)
    for listener in (proxy, server):
        listener.close()
        await listener.wait_closed()


@pytest.mark.real
async def test_a_namespace_reaches_the_server_and_is_gone_afterwards() -> None:
    """Without a queueing discipline, which not every kernel has."""
    if os.geteuid() != 0:
        pytest.skip("making a network namespace needs root")

    def within(port: int) -> tuple[bytes, set[str], set[str]]:
        with network.namespace(port, ()) as route, closing(route.connect()) as found:
            found.settimeout(20)
            found.sendall(b"hello")
            return found.recv(5), {found.getsockname()[0], found.getpeername()[0]}, made()

    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        said, addresses, during = await asyncio.to_thread(within, port)
    assert said == b"hello" and len(addresses) == 2
    assert all(address.startswith(network.BLOCK) for address in addresses)
    assert during - made() == during, "namespace and interface are gone"


def made() -> set[str]:
    """Names of the namespaces and interfaces that look like a benchmark's."""
    names = {path.name for path in (*Path("/run/netns").glob("*"), *Path("/sys/class/net").iterdir())}
    return {name for name in names if name.startswith(("bench-", "bo"))}
