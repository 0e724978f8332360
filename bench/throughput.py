"""A file printed by a program, until a client that acknowledges has all of it; and what that costs in CPU."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

from bench import processes
from bench.contenders import Contender
from bench.floods import FLOODS, digest, script, whole
from bench.place import BenchError
from bench.report import Row
from bench.terminals import Terminal

LONGEST = 120.0
"""Seconds for one flood."""


async def floods(contenders: Sequence[Contender], size: int, turns: int) -> AsyncIterator[Row]:
    """The rows `throughput`, for each kind of text, and `cpu`: `turns` times `size` bytes, turn by turn."""
    row = Row(
        "throughput", f"Throughput of {size / 1e6:.0f} MB", "MB/s", ("p50", "min", "max"),
        goal="≥ 46 MB/s, SHA-256 equal",
    )  # fmt: skip
    used: dict[str, dict[str, float]] = {}
    printed: dict[str, int] = {}
    for kind, line in FLOODS.items():
        length = whole(line, size)
        values: dict[str, list[float]] = {contender.name: [] for contender in contenders}
        expected = digest(line, length)
        async with AsyncExitStack() as stack:
            opened = []
            for contender in contenders:
                if contender.address:
                    terminal = await contender.open(script(line, length))
                    stack.push_async_callback(terminal.close)
                    opened.append((contender, terminal))
            for turn in range(turns + 1):
                for contender, terminal in opened:
                    before = seconds(contender)
                    rate = await flood(terminal, length, expected)
                    if not turn:  # the first one warms up
                        continue
                    values[contender.name].append(rate)
                    sums = used.setdefault(contender.name, {})
                    for name, after in seconds(contender).items():
                        sums[name] = sums.get(name, 0.0) + after - before.get(name, after)
                    printed[contender.name] = printed.get(contender.name, 0) + length
        for contender in contenders:
            row.add(
                f"{contender.name}, {kind}", values[contender.name], peer=contender.peer, note=contender.note
            )
    yield row
    yield _cpu(contenders, used, printed)


def _cpu(contenders: Sequence[Contender], used: dict[str, dict[str, float]], printed: dict[str, int]) -> Row:
    row = Row("cpu", "CPU for each GB printed, of all three kinds alike", "seconds per GB", ("p50",))
    for contender in contenders:
        each = {
            name: total / printed[contender.name] * 1e9
            for name, total in used.get(contender.name, {}).items()
        }
        if contender.name == "raw PTY":
            continue
        note = contender.note if not each else "all of the server"
        row.add(contender.name, [sum(each.values())] if each else [], peer=contender.peer, note=note)
        if not contender.peer:
            for name in ("web", "termd", "sandboxd"):
                row.add(f"· of it: {name}", [each[name]])
    return row


def seconds(contender: Contender) -> dict[str, float]:
    """CPU that each process of its server has used."""
    return processes.each(contender.processes(), processes.cpu)


async def flood(terminal: Terminal, size: int, expected: str) -> float:
    """MB/s. Raises BenchError when what arrives is not what was printed."""
    found, left = hashlib.sha256(), size
    began = time.perf_counter()
    await terminal.type(b"x")
    try:
        async with asyncio.timeout(LONGEST):
            while left > 0:
                data = await terminal.read()
                found.update(data)
                left -= len(data)
    except TimeoutError:
        raise BenchError(f"A flood was not over after {LONGEST:g} s; {left} bytes are missing.") from None
    took = time.perf_counter() - began
    if left or found.hexdigest() != expected:
        raise BenchError("What arrived is not what was printed.")
    return size / took / 1e6
