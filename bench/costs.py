"""What a terminal costs that nobody uses, and what is left of terminals that were opened and ended."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, suppress

from bench import processes
from bench.contenders import PER_SANDBOX, Contender, connect
from bench.growth import sizes
from bench.report import Row
from bench.terminals import TerminalEnded
from bench.throughput import seconds

IDLE = 21
"""Terminals that are held open."""
QUIET = 10.0
"""Seconds for which CPU is counted, without the terminals and with them."""
AT_ONCE = 4
"""Terminals that are opened and ended side by side."""
SETTLED = 3.0
WATCHED = ("web", "termd", "sandboxd")


async def idle(contenders: Sequence[Contender]) -> AsyncIterator[Row]:
    """The rows `idle` and `idle-cpu`, of all at once."""
    memory = Row("idle", f"Memory of an idle terminal, one of {IDLE}", "KiB", ("p50",))
    cpu = Row("idle-cpu", f"CPU of an idle terminal, one of {IDLE}", "ms each minute", ("p50",))
    served = [contender for contender in contenders if contender.processes()]
    for contender in served:
        await contender.ready(IDLE // PER_SANDBOX)
    async with AsyncExitStack() as stack:
        sizes_before = {contender.name: sizes(contender) for contender in served}
        cpu_before = await _used(served)
        for number in range(IDLE):
            for contender in served:
                terminal = await contender.open(sandbox=number // PER_SANDBOX)
                stack.push_async_callback(terminal.close)
        await asyncio.sleep(SETTLED)
        cpu_after = await _used(served)
        sizes_after = {contender.name: sizes(contender) for contender in served}
    for contender in contenders:
        name = contender.name
        if contender not in served:
            if not contender.address:
                memory.add(name, [], note=contender.note, peer=True)
                cpu.add(name, [], note=contender.note, peer=True)
            continue
        grown = {
            key: (size - sizes_before[name].get(key, 0)) / IDLE / 1024
            for key, size in sizes_after[name].items()
        }
        more = (sum(cpu_after[name].values()) - sum(cpu_before[name].values())) * 1000 / QUIET * 60 / IDLE
        memory.add(
            name,
            [sum(grown.values())],
            peer=contender.peer,
            note="anonymous memory of the whole server, without the shell",
        )
        cpu.add(name, [more], peer=contender.peer, note="beyond what the server takes without terminals")
        if not contender.peer:
            for key in WATCHED:
                memory.add(f"· of it: {key}", [grown.get(key, 0.0)])
    yield memory
    yield cpu


async def cycles(contenders: Sequence[Contender], count: int) -> Row:
    """`count` times open and end, all contenders at once: how many files and ended processes are left."""
    row = Row("cycles", f"Left after {count} terminals were opened and ended", "number", ("p50",), goal="0")
    served = [contender for contender in contenders if contender.processes()]
    await asyncio.gather(
        *(_cycle(contender, 2 * AT_ONCE) for contender in served)
    )  # what is kept for good is there
    await asyncio.sleep(SETTLED)
    before = {contender.name: _held(contender) for contender in served}
    await asyncio.gather(*(_cycle(contender, count) for contender in served))
    await asyncio.sleep(SETTLED)
    for contender in contenders:
        name = contender.name
        if contender not in served:
            if not contender.address:
                row.add(name, [], note=contender.note, peer=True)
            continue
        after = _held(contender)
        for key in [name] if contender.peer else WATCHED:
            what = name if contender.peer else f"{name}: {key}"
            note = f"open files, of {before[name][key]} before"
            row.add(what, [after[key] - before[name][key]], peer=contender.peer, note=note)
        dead = processes.zombies(contender.processes().values())
        row.add(f"{name}: zombies", [dead], peer=contender.peer, note="ended processes that nobody noted")
    return row


async def _used(served: Sequence[Contender]) -> dict[str, dict[str, float]]:
    """CPU seconds in QUIET seconds, by contender and process."""
    before = {contender.name: seconds(contender) for contender in served}
    await asyncio.sleep(QUIET)
    return {
        contender.name: {
            key: after - before[contender.name].get(key, after) for key, after in seconds(contender).items()
        }
        for contender in served
    }


def _held(contender: Contender) -> dict[str, int]:
    return processes.each(contender.processes(), processes.descriptors)


async def _cycle(contender: Contender, count: int) -> None:
    """Some side by side, in the lab under the same few names again and again, as a page's tabs are."""

    async def work(number: int) -> None:
        for _ in range(count // AT_ONCE):
            assert contender.address is not None
            address = contender.address(0)
            if address.kind == "lab":
                address = dataclasses.replace(address, url=f"{address.url.rpartition('/')[0]}/cycle-{number}")
            terminal = await connect(address)
            try:
                await terminal.type(b"exit\r")
                with suppress(TerminalEnded):
                    while True:
                        await terminal.read()
            finally:
                await terminal.close()

    await asyncio.gather(*(work(number) for number in range(AT_ONCE)))
