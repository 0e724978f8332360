"""`python -m lab.web --bind HOST --port PORT`: the lab's ASGI application, served by Daphne or by uvicorn.

Either runs on uvloop, which spends a quarter less CPU on each key and frame.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

import uvloop

APPLICATION = "lab.asgi:application"
THREADS = 32
"""For what blocks: the database, Redis, sandboxd. Python's default is six on two cores, so that a few slow
answers would hold up a class."""
LARGEST_MESSAGE = 1 << 20
"""Bytes of a WebSocket's message that are taken before anybody looks at it."""
FAREWELL = 3
"""Seconds that open connections get when the server stops."""


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m lab.web", description=__doc__)
    parser.add_argument("--bind", required=True, metavar="HOST")
    parser.add_argument("--port", required=True, type=int)
    chosen = parser.parse_args()
    loop = uvloop.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "lab-web"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")
    from django.conf import settings

    serve = uvicorn if settings.ASGI_SERVER == "uvicorn" else daphne
    serve(loop, chosen.bind, chosen.port)


def daphne(loop: asyncio.AbstractEventLoop, host: str, port: int) -> None:
    """Twisted takes one reactor for the life of a process, and Daphne the one that is there when it is imported."""
    from twisted.internet import asyncioreactor

    asyncioreactor.install(loop)
    from daphne.cli import CommandLineInterface

    CommandLineInterface().run(["--bind", host, "--port", str(port), "--verbosity", "0", APPLICATION])


def uvicorn(loop: asyncio.AbstractEventLoop, host: str, port: int) -> None:
    """Without compression, as Daphne: a terminal's output is in the browser before it would be compressed."""
    from uvicorn import Config, Server

    asyncio.set_event_loop(loop)
    config = Config(
        APPLICATION, host=host, port=port, lifespan="off", ws="websockets-sansio", ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False, timeout_graceful_shutdown=FAREWELL, proxy_headers=False,
        server_header=False, access_log=False, log_config=None,
    )  # fmt: skip
    loop.run_until_complete(Server(config).serve())


if __name__ == "__main__":
    main()
