"""`python -m bench.delay PORT MILLISECONDS [--bind ADDRESS]`: a TCP proxy to 127.0.0.1:PORT that passes on each byte
so much later, in both directions. It prints the port that it listens on.

It stands in for netem where the kernel has none, and with a delay of 0 it brings a network namespace to a server that
listens on the loopback alone.
"""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress

CHUNK = 64 << 10
UNDER_WAY = 1024
"""Chunks that may be under way in one direction."""

Chunks = asyncio.Queue[tuple[float, bytes | None]]


async def serve(port: int, seconds: float, bind: str) -> None:
    """Until it is ended from outside."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        await asyncio.gather(carry(reader, back, seconds), carry(there, writer, seconds))

    server = await asyncio.start_server(connected, bind, 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    """Everything from `reader` to `writer`, its end included, which is a reset as most ends here are."""
    chunks: Chunks = asyncio.Queue(UNDER_WAY)
    await asyncio.gather(_take(reader, chunks, seconds), _give(writer, chunks))


async def _take(reader: asyncio.StreamReader, chunks: Chunks, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            await chunks.put((loop.time() + seconds, data))
    await chunks.put((loop.time() + seconds, None))


async def _give(writer: asyncio.StreamWriter, chunks: Chunks) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due, data = await chunks.get()
        await asyncio.sleep(max(0.0, due - loop.time()))
        if data is None:
            with suppress(OSError):
                await writer.drain()
            writer.transport.abort()
            return
        if not writer.is_closing():  # otherwise what follows is taken and dropped, until its own end
            writer.write(data)
            with suppress(OSError):
                await writer.drain()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.delay", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("milliseconds", type=float)
    parser.add_argument("--bind", default="127.0.0.1")
    chosen = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(chosen.port, chosen.milliseconds / 1000, chosen.bind))


if __name__ == "__main__":
    main()
