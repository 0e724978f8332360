"""`python -m sandbox.cache`: the cache of images, on the service address, until SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
import time

from aiohttp import web

from lab import env
from lab.paths import Paths
from lab.upstream import Upstream as Settings
from sandbox import services
from sandbox.cache.app import Cache
from sandbox.cache.store import Store
from sandbox.cache.upstream import Upstream

GRACE = 2.0


async def serve(paths: Paths, wanted: Settings, address: str, port: int) -> None:
    """Raises OSError when the port is taken."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    reserve = env.integer("LAB_DISK_RESERVE", 2048, low=0, high=1 << 30) << 20
    upstream = Upstream(wanted.url, paths.upstream_login if wanted.credentials else None)
    store = Store(paths.cache, wanted.size, reserve)
    runner = web.AppRunner(
        Cache(store, upstream).application(),
        access_log=None,
        shutdown_timeout=GRACE,
        handler_cancellation=True,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, address, port).start()
        print(f"serving {wanted.url} on {address}:{port}, keeping up to {wanted.size >> 20} MiB", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        await upstream.close()


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    paths = Paths.from_env()
    try:
        wanted = Settings.from_env()
    except ValueError as error:
        sys.exit(str(error))
    if wanted is None:
        sys.exit("LAB_REGISTRY_UPSTREAM is not set; there is nothing to fetch images from.")
    # At the change from a lab without a cache, what sandboxd wrote before it was restarted is still there.
    while not (found := services.wait(paths)).cache:
        time.sleep(0.2)
    asyncio.run(serve(paths, wanted, found.address, found.cache))


if __name__ == "__main__":
    main()
