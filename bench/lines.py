"""Echo and throughput: the lab's terminal, from the browser's side, beside other ways to carry one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bench import servers
from bench.place import BenchError
from bench.report import Row
from bench.terminals import Lab, Raw, Terminado, Terminal, Ttyd

ECHO = "stty raw -echo; printf 'RE''ADY'; exec cat"
"""A program that returns each byte; the word is split so that its own echo is not taken for it."""
BATCH = 100
PAYLOAD = 64 << 20
PATTERN = b"The quick brown fox jumps over the lazy dog and 0123456789 more.\n"
FLOOD = (
    f"stty raw -echo; yes '{PATTERN.decode().strip()}' | head -c {PAYLOAD} >/tmp/bench-flood; printf 'RE''ADY'; "
    "while head -c 1 >/dev/null; do cat /tmp/bench-flood; done"
)
"""Prints PAYLOAD bytes each time that a byte is typed."""
LONGEST = 120.0


@asynccontextmanager
async def _terminals(script: str, place: servers.Place) -> AsyncIterator[dict[str, Terminal | None]]:
    """Every terminal there is, running `script`, by its name in the table; None: not installed."""
    command = ["/bin/bash", "-c", script]
    with servers.terminado(command) as terminado, servers.ttyd(command) as ttyd:
        name = "echo" if script == ECHO else "flood"
        found: dict[str, Terminal | None] = {}
        try:
            lab = found["lab"] = await Lab.open(f"{place.url}/{name}", place.cookie)
            await lab.type(script.encode() + b"\r")
            found["raw PTY"] = Raw(command)
            found["terminado"] = await Terminado.open(terminado)
            found["ttyd"] = await Ttyd.open(ttyd) if ttyd else None
            for terminal in found.values():
                if terminal:
                    await terminal.read_until(b"READY")
            yield found
        finally:
            for terminal in found.values():
                if terminal:
                    await terminal.close()


async def _measure(
    row: Row,
    script: str,
    place: servers.Place,
    turns: int,
    once: Callable[[Terminal], Awaitable[list[float]]],
) -> Row:
    values: dict[str, list[float]] = {}
    async with _terminals(script, place) as terminals:
        for turn in range(turns + 1):
            for name, terminal in terminals.items():
                found = await asyncio.wait_for(once(terminal), LONGEST) if terminal else []
                if turn:  # the first one warms up
                    values.setdefault(name, []).extend(found)
        for name, terminal in terminals.items():
            note = terminal.note if terminal else "not installed"
            row.add(name, values.get(name, []), peer=name != "lab", note=note)
    return row


async def echo(place: servers.Place, count: int) -> Row:
    """One byte typed to a raw-mode `cat` and back, at least `count` times for each."""
    row = Row("echo", "Echo of one typed byte", "milliseconds", ("p50", "p95", "p99"))
    return await _measure(row, ECHO, place, -(-count // BATCH), _echo)


async def _echo(terminal: Terminal) -> list[float]:
    took = []
    for _ in range(BATCH):
        began = time.perf_counter()
        await terminal.type(b"x")
        got = await terminal.read()
        took.append((time.perf_counter() - began) * 1000)
        if got != b"x":
            raise BenchError(f"The echo of x was {got!r}.")
    return took


async def throughput(place: servers.Place, turns: int) -> Row:
    """64 MiB printed by a program, until the client has them all; every copy's SHA-256 is compared."""
    row = Row("throughput", "Throughput of 64 MiB", "MB/s", ("p50", "min", "max"))
    return await _measure(row, FLOOD, place, turns, _flood)


async def _flood(terminal: Terminal) -> list[float]:
    digest, left = hashlib.sha256(), PAYLOAD
    began = time.perf_counter()
    await terminal.type(b"x")
    while left > 0:
        data = await terminal.read()
        digest.update(data)
        left -= len(data)
    took = time.perf_counter() - began
    if left or digest.hexdigest() != EXPECTED:
        raise BenchError("What arrived is not what was printed.")
    return [PAYLOAD / took / 1e6]


def _expected() -> str:
    whole = PATTERN * (PAYLOAD // len(PATTERN) + 1)
    return hashlib.sha256(whole[:PAYLOAD]).hexdigest()


EXPECTED = _expected()
