"""Other terminals, in a process of their own so that their client costs the measuring one nothing.

`python -m bench.neighbours flood|type` reads a line of JSON (addresses) and says `ready` when their terminals are
open. Each line that follows, `on` or `off`, is answered with itself; the end of its input ends the process.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict

import uvloop

from bench.contenders import connect
from bench.place import ROOT, BenchError
from bench.terminals import Address, Raw, Terminal, TerminalEnded

ECHO = "stty raw -echo; printf 'RE''ADY'; exec cat"
"""A program that returns each byte; the word is split so that its own echo is not taken for it."""
OPENING = 4
"""Terminals that are opened at the same time."""
EVERY = 1 / 3
"""Seconds between two keys of somebody who types, on average."""
SETTLED = 0.3


class Neighbours:
    """The measuring process's end."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @asynccontextmanager
    async def active(self) -> AsyncIterator[None]:
        """They flood, or type, in the body. Raises BenchError."""
        await self._say("on")
        await asyncio.sleep(SETTLED)
        yield
        await self._say("off")
        await asyncio.sleep(SETTLED)

    async def answer(self) -> str:
        assert self._process.stdout is not None
        line = (await self._process.stdout.readline()).decode().strip()
        if not line:
            raise BenchError("The terminals beside the measured one ended.")
        return line

    async def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        await self.answer()


@asynccontextmanager
async def neighbours(mode: str, addresses: Sequence[Address]) -> AsyncIterator[Neighbours]:
    """Open terminals at `addresses` until the end of the block. Raises BenchError."""
    process = await create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.neighbours",
        mode,
        stdin=PIPE,
        stdout=PIPE,
        cwd=ROOT,
        start_new_session=True,
    )
    assert process.stdin is not None
    try:
        process.stdin.write(json.dumps([asdict(address) for address in addresses]).encode() + b"\n")
        found = Neighbours(process)
        await found.answer()
        yield found
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            process.kill()


async def _read(terminal: Terminal) -> None:
    """Read, and acknowledge, for as long as the terminal lives."""
    with suppress(TerminalEnded):
        while True:
            if isinstance(terminal, Raw):
                await asyncio.to_thread(os.read, terminal.descriptor, 65536)
            else:
                await terminal.read()


async def _type(terminal: Terminal, on: asyncio.Event) -> None:
    """Type a key now and then while it is wanted."""
    while True:
        await on.wait()
        await asyncio.sleep(random.uniform(0, 2 * EVERY))
        if on.is_set():
            await terminal.type(b"x")


async def _open(address: Address, mode: str, gate: asyncio.Semaphore) -> Terminal:
    async with gate:
        terminal = await connect(address)
        if mode == "type":
            await terminal.run(ECHO)
        return terminal


async def main(mode: str) -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    addresses = [Address(**found) for found in json.loads(await reader.readline())]
    gate = asyncio.Semaphore(OPENING)
    terminals = await asyncio.gather(*(_open(address, mode, gate) for address in addresses))
    on = asyncio.Event()
    tasks = [asyncio.create_task(_read(terminal)) for terminal in terminals]
    if mode == "type":
        tasks += [asyncio.create_task(_type(terminal, on)) for terminal in terminals]
    try:
        print("ready", flush=True)
        while line := (await reader.readline()).decode().strip():
            if line == "on":
                on.set()
            else:
                on.clear()
            if mode == "flood":
                await asyncio.gather(
                    *(item.type(b"yes\r" if line == "on" else b"\x03") for item in terminals)
                )
            print(line, flush=True)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*(terminal.close() for terminal in terminals))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
