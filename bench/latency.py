"""Echo: one byte typed to a raw-mode `cat` and back, on a quiet server, beside a flood, and with 50 sessions."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack

from bench.contenders import PER_SANDBOX, Contender
from bench.neighbours import ECHO, Neighbours, neighbours
from bench.place import BenchError
from bench.report import Row
from bench.stats import percentile
from bench.terminals import Terminal
from bench.throughput import seconds

BATCH = 100
LOADED_BATCH = 500
SESSIONS = 50
CARRIERS = ("web", "termd")
"""The lab's processes that a byte passes."""
COLUMNS = ("p50", "p95", "p99", "max")
UNIT = "milliseconds"


async def echo(contenders: Sequence[Contender], count: int, rows: Collection[str]) -> AsyncIterator[Row]:
    """The rows `echo`, `echo-flood` and `echo-50` that are asked for, `count` bytes of each contender in the first
    and half as many in the others; the first is measured in any case, since the others are told against it."""
    idle = await _idle(contenders, count)
    if "echo" in rows:
        yield idle
    p95 = {figure.what: percentile(figure.values, 95) for figure in idle.figures if figure.values}
    if "echo-flood" in rows:
        row = Row(
            "echo-flood", "Echo while another terminal of the same server prints `yes`", UNIT, COLUMNS,
            goal="the lab's p95 ≤ 3 × its idle value",
        )  # fmt: skip
        yield await _loaded(row, "flood", contenders, count // 2, p95)
    if "echo-50" in rows:
        row = Row(
            "echo-50", f"Echo with {SESSIONS} sessions, the others typing three keys a second each", UNIT, COLUMNS,
            goal="the lab's p95 ≤ 3 × its idle value",
        )  # fmt: skip
        yield await _loaded(row, "type", contenders, count // 2, p95)


async def _idle(contenders: Sequence[Contender], count: int) -> Row:
    row = Row("echo", "Echo of one typed byte", UNIT, COLUMNS, goal="the lab's p95 ≤ terminado's")
    values: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    async with AsyncExitStack() as stack:
        opened = {}
        for contender in contenders:
            if contender.address:
                opened[contender.name] = await contender.open(ECHO)
                stack.push_async_callback(opened[contender.name].close)
        before = {contender.name: seconds(contender) for contender in contenders}
        turns = -(-count // BATCH) + 1
        for turn in range(turns):
            for name, terminal in opened.items():
                found = await _batch(terminal, BATCH)
                if turn:  # the first one warms up
                    values[name] += found
        after = {contender.name: seconds(contender) for contender in contenders}
    for contender in contenders:
        row.add(contender.name, values[contender.name], peer=contender.peer, note=contender.note)
    each = [
        f"{name} " + " + ".join(f"{(used - before[name].get(key, used)) / turns / BATCH * 1000:.3f} ({key})"
                                for key, used in after[name].items() if key in (*CARRIERS, name))
        for name in opened if after[name]
    ]  # fmt: skip
    row.notes.append(f"CPU for each byte, ms: {'; '.join(each)}.")
    return row


async def _loaded(
    row: Row, mode: str, contenders: Sequence[Contender], count: int, idle: dict[str, float]
) -> Row:
    """One after the other has its neighbours, and the turns go round while the rest are still."""
    values: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    batch = min(LOADED_BATCH, count)
    async with AsyncExitStack() as stack:
        opened: dict[str, tuple[Terminal, Neighbours]] = {}
        for contender in contenders:
            if contender.address and not (mode == "type" and contender.name == "raw PTY"):
                opened[contender.name] = await _with_neighbours(stack, mode, contender)
        for _ in range(-(-count // batch)):
            for name, (terminal, others) in opened.items():
                async with others.active():
                    await _batch(terminal, batch // 10)
                    values[name] += await _batch(terminal, batch)
    for contender in contenders:
        name, found = contender.name, values[contender.name]
        note = contender.note
        if found:
            note = f"p95 {percentile(found, 95) / idle[name]:.1f} × its idle {idle[name]:.2f} ms"
        elif contender.address:
            note = "has no sessions"
        row.add(name, found, peer=contender.peer, note=note)
    return row


async def _with_neighbours(
    stack: AsyncExitStack, mode: str, contender: Contender
) -> tuple[Terminal, Neighbours]:
    assert contender.address is not None
    count = 1 if mode == "flood" else SESSIONS - 1
    await contender.ready(count // PER_SANDBOX + 1)
    terminal = await contender.open(ECHO)
    stack.push_async_callback(terminal.close)
    addresses = [contender.address((number + 1) // PER_SANDBOX) for number in range(count)]
    return terminal, await stack.enter_async_context(neighbours(mode, addresses))


async def _batch(terminal: Terminal, count: int) -> list[float]:
    """Milliseconds of each of `count` bytes, the next one typed when the one before is there. Raises BenchError."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        await terminal.type(b"x")
        got = await terminal.read()
        took.append((time.perf_counter() - began) * 1000)
        if got != b"x":
            raise BenchError(f"The echo of x was {got!r}.")
    return took
