"""The process that serves previews."""

from __future__ import annotations

import asyncio
import logging
import signal

import uvloop
from aiohttp import web
from django.conf import settings

from sandbox.preview import control, origins
from sandbox.preview.app import HEADER, Previews
from sandbox.preview.listeners import BACKLOG, Listeners
from sandbox.preview.origins import Mode, Target
from sandbox.preview.rows import Rows

IDLE = 30.0
"""Seconds that a browser's connection may wait for its next request."""
GRACE = 2.0


def main() -> None:
    """Serve on the preview port, and in mode PORTS on those that are asked for."""
    logging.getLogger("aiohttp").setLevel(logging.WARNING)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


async def serve() -> None:
    """Until SIGTERM or SIGINT. Raises OSError when the preview port is taken."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rows = Rows()
    listeners: Listeners | None = None
    asking: asyncio.Server | None = None

    def assigned(port: int) -> Target | None:
        return listeners.target(port) if listeners else None

    previews = Previews(rows, assigned)
    runner = web.AppRunner(
        previews.application(), access_log=None, handler_cancellation=True, auto_decompress=False,
        keepalive_timeout=IDLE, shutdown_timeout=GRACE,
        max_line_size=HEADER, max_field_size=HEADER,
    )  # fmt: skip
    await runner.setup()
    tasks = [asyncio.create_task(previews.visits.watch())]
    try:
        if origins.mode() is Mode.PORTS:
            file = settings.PATHS.run_lab / "preview-ports.json"
            listeners = Listeners(runner, origins.listen_on(), origins.ports(), rows, file)
            await listeners.restore()
            asking = await control.serve(listeners.assign)  # which ends once nothing refers to it
            tasks.append(asyncio.create_task(listeners.recycle()))
        await web.TCPSite(runner, origins.listen_on(), settings.PREVIEW_PORT, backlog=BACKLOG).start()
        await stop.wait()
    finally:
        if asking:
            asking.close()
        for task in tasks:
            task.cancel()
        await runner.cleanup()
