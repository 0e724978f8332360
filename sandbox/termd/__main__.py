"""`python -m sandbox.termd`: hold the terminals of this lab."""

from __future__ import annotations

import asyncio
import logging
import signal

import uvloop

from lab.paths import Paths
from sandbox.termd.link import Link
from sandbox.termd.server import Server


async def serve(paths: Paths) -> None:
    """Until SIGTERM. The shells live on: sandboxd has their terminals too."""
    loop = asyncio.get_running_loop()
    server = Server()
    listener = await server.listen(paths.termd_socket)
    Link(paths.sandboxd_socket, server, loop).start()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
    listener.close()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    uvloop.run(serve(Paths.from_env()))
