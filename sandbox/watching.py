"""What a page that watches hears of the learner's tabs, as they open, close, and get names (docs/protocol.md)."""

from __future__ import annotations

import asyncio
from typing import Any

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from sandbox import sharing

LOOK = 5.0
"""Seconds after which the rows are looked at in any case: an event may be lost, and an end has none."""
OVER = 4410


class TabsConsumer(AsyncJsonWebsocketConsumer):
    """One page of somebody who was given the learner's link. What it says itself is not listened to."""

    key: str = ""
    told: dict[str, Any] | None = None
    looking: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        await self.accept()
        found = await sync_to_async(sharing.watched)(self._token)
        if found is None:
            await self.close(OVER)
            return
        self.key = found.key
        await self.channel_layer.group_add(sharing.group(self.key), self.channel_name)
        await self._tell()
        self.looking = asyncio.create_task(self._look())

    async def disconnect(self, code: int) -> None:
        if self.looking is not None:
            self.looking.cancel()
        if self.key:
            await self.channel_layer.group_discard(sharing.group(self.key), self.channel_name)

    async def receive(self, *args: Any, **kwargs: Any) -> None:
        """Nothing that a page says here means anything."""

    async def tabs_changed(self, event: dict[str, Any]) -> None:
        """The learner has arranged the terminals, or taken the link back."""
        await self._tell()

    @property
    def _token(self) -> str:
        return str(self.scope["url_route"]["kwargs"]["token"])

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            await self._tell()

    async def _tell(self) -> None:
        found = await sync_to_async(sharing.watched)(self._token)
        if found is None:
            await self.close(OVER)
            return
        tabs = {"type": "tabs", **sharing.tabs(found)}
        if tabs != self.told:
            self.told = tabs
            await self.send_json(tabs)
