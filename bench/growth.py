"""How much the servers grow while a client neither reads nor acknowledges what `yes` prints."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from bench import processes
from bench.contenders import Contender, connect
from bench.floods import FLOODS, digest, script, whole
from bench.report import Row
from bench.throughput import flood

EVERY = 1.0
WARM = 20_000_000
"""Bytes that are printed to a client that reads before anything is counted, so that buffers that every flood makes are
there already."""
MOST = 512 << 20
"""Bytes of growth at which a peer's terminal is ended, before it takes all that the machine has."""
MIB = 1 << 20


async def stalled(contenders: Sequence[Contender], seconds: float) -> Row:
    """All at once, each with one such client."""
    row = Row(
        "stalled", f"Growth while a client neither reads nor acknowledges, {seconds:g} s of `yes`", "MiB", ("p50",),
        goal="≤ 3.5: window, ring and 1 MiB",
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(_warm(contender) for contender in contenders if contender.processes()))
        found = await asyncio.gather(
            *(_grow(stack, contender, seconds) for contender in contenders if contender.processes())
        )
    told = {name: (most, note) for name, most, note in found}
    for contender in contenders:
        if contender.name in told:
            most, note = told[contender.name]
            row.add(contender.name, [most / MIB], peer=contender.peer, note=note)
        elif not contender.address:
            row.add(contender.name, [], peer=contender.peer, note=contender.note)
    row.notes.append(
        "Anonymous memory (Pss_Anon) of all processes of the server, the most of one look a second."
    )
    return row


async def _warm(contender: Contender) -> None:
    line = FLOODS["ASCII"]
    size = whole(line, WARM)
    terminal = await contender.open(script(line, size))
    try:
        await flood(terminal, size, digest(line, size))
    finally:
        await terminal.close()


async def _grow(stack: AsyncExitStack, contender: Contender, seconds: float) -> tuple[str, float, str]:
    """The contender's name, bytes of growth, and a note."""
    assert contender.address is not None
    terminal = await connect(contender.address(0), 1, reads=False)
    stack.push_async_callback(terminal.close)
    await asyncio.sleep(EVERY)
    before = sizes(contender)
    await terminal.type(b"exec yes\r")
    most, largest = 0, before
    for second in range(1, round(seconds / EVERY) + 1):
        await asyncio.sleep(EVERY)
        now = sizes(contender)
        if (grown := sum(now.values()) - sum(before.values())) > most:
            most, largest = grown, now
        if contender.peer and most > MOST:
            return contender.name, most, f"ended after {second} s"
    each = {name: (size - before.get(name, 0)) / MIB for name, size in largest.items()}
    told = ", ".join(
        f"{name} {by:.2f}" for name, by in sorted(each.items(), key=lambda one: -one[1]) if by > 0.05
    )
    return contender.name, most, f"at its most: {told or 'nothing'}"


def sizes(contender: Contender) -> dict[str, int]:
    """Bytes of each process of its server."""
    return processes.each(contender.processes(), processes.memory)
