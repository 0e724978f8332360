"""Ports of this machine for previews, where origins cannot be told apart by name: one for each port of a
sandbox, opened on demand and given back when the sandbox ends."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from sandbox.errors import Reason, SandboxError
from sandbox.preview.origins import Target
from sandbox.preview.rows import Rows

log = logging.getLogger(__name__)

EACH = 8
"""Ports for one sandbox; its oldest is given to the next."""
LOOK = 5.0
BACKLOG = 512


class Listeners:
    """`file` remembers who has which port, so that open pages go on after a restart."""

    def __init__(
        self, runner: web.AppRunner, host: str, ports: Iterable[int], rows: Rows, file: Path
    ) -> None:
        self._runner = runner
        self._host = host
        self._ports = list(ports)
        self._rows = rows
        self._file = file
        self._turn = asyncio.Lock()
        self._open: dict[int, tuple[Target, web.TCPSite]] = {}

    def target(self, port: int) -> Target | None:
        """What is previewed at a port of this machine."""
        found = self._open.get(port)
        return found[0] if found else None

    async def assign(self, target: Target) -> int:
        """The port where `target` opens: the one it has, or a free one. Raises SandboxError."""
        async with self._turn:
            for port, (taken, _) in self._open.items():
                if taken == target:
                    return port
            own = [port for port, (taken, _) in self._open.items() if taken.key == target.key]
            if len(own) >= EACH:
                await self._give_back(own[0])
            for port in self._ports:
                if port not in self._open and await self._listen(port, target):
                    self._remember()
                    return port
        raise SandboxError(
            f"All {len(self._ports)} ports for previews are taken; try again when somebody has finished.",
            reason=Reason.CAPACITY,
        )

    async def restore(self) -> None:
        """Take the ports that were assigned before a restart."""
        remembered = {}
        with suppress(OSError, ValueError):
            remembered = json.loads(self._file.read_text())
        async with self._turn:
            for port, (key, inside) in remembered.items():
                if int(port) in self._ports and not await self._listen(int(port), Target(key, inside)):
                    log.warning("Port %s for previews has been taken by another program.", port)

    async def recycle(self) -> None:
        """Go on forever: give back the ports of sandboxes that have ended."""
        while True:
            await asyncio.sleep(LOOK)
            async with self._turn:
                for port, (target, _) in list(self._open.items()):
                    try:
                        if await self._rows.find(target.key) is None:
                            await self._give_back(port)
                    except Exception:
                        log.exception("Sandbox %s could not be looked up", target.key)

    async def _listen(self, port: int, target: Target) -> bool:
        site = web.TCPSite(self._runner, self._host, port, backlog=BACKLOG)
        try:
            await site.start()
        except OSError:
            await site.stop()
            return False
        self._open[port] = (target, site)
        return True

    async def _give_back(self, port: int) -> None:
        _, site = self._open.pop(port)
        await site.stop()
        self._remember()

    def _remember(self) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(
            json.dumps({port: [target.key, target.port] for port, (target, _) in self._open.items()})
        )
        fresh.replace(self._file)
