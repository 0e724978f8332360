"""Connections that are cut while a program prints: what is lost, what comes twice, and how soon output goes on."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bench import network
from bench.contenders import Contender
from bench.lab_terminal import Lab
from bench.place import BenchError
from bench.report import Row
from bench.terminals import Address, Terminado, TerminalEnded

NUMBERS = 1_000_000
FEWEST = 200_000
CUTS = 20
DELAY = 50
"""Milliseconds each way."""
LAST = b"DONE"
PAUSE = 0.02
"""Seconds before a connection that was refused is tried again."""
LONGEST = 120.0
RESUMES = ("lab", "terminado")
ENDS = "ends the program with its connection"


@dataclass
class Run:
    """One run: bytes, and seconds from each cut to the next output."""

    took: float = 0.0
    lost: int = 0
    doubled: int = 0
    waits: list[float] = field(default_factory=list)


def expected(numbers: int) -> bytes:
    return b"".join(b"%d\n" % number for number in range(1, numbers + 1))


def account(received: bytes, numbers: int) -> tuple[int, int]:
    """Bytes lost and bytes that came twice of the lines 1 to `numbers`; a line that was torn counts as lost."""
    if received == expected(numbers):
        return 0, 0
    seen = Counter(received.split(b"\n"))
    lost = doubled = 0
    for number in range(1, numbers + 1):
        line = b"%d" % number
        lost += (len(line) + 1) * (seen[line] == 0)
        doubled += (len(line) + 1) * max(0, seen[line] - 1)
    return lost, doubled


async def cuts(contenders: Sequence[Contender], runs: int, scale: float) -> AsyncIterator[Row]:
    """The rows `cuts` and `cuts-bytes`: `runs` times CUTS cuts each way, turn by turn."""
    numbers = max(FEWEST, round(NUMBERS * min(1.0, scale)))
    title = f"{CUTS} cuts during `seq 1 {numbers}`"
    waits = Row("cuts", f"{title}: from a cut to the next output", "milliseconds", ("p50", "p95", "max"))
    count = Row(
        "cuts-bytes", f"{title}: what is lost and what comes twice", "bytes", ("max",), goal="0 and 0"
    )
    for delay in (0, DELAY):
        found: dict[str, list[Run]] = {}
        whole: dict[str, Run] = {}
        with ExitStack() as stack:
            routes = {
                item.name: stack.enter_context(network.delayed(_port(item), delay))
                if delay
                else network.direct(_port(item))
                for item in contenders
                if item.address and item.name.startswith(RESUMES)
            }
            for turn in range(runs + 1):
                for item in contenders:
                    if route := routes.get(item.name):
                        run = await _timely(item, route, numbers, CUTS if turn else 0)
                        if turn:
                            found.setdefault(item.name, []).append(run)
                        else:
                            whole[item.name] = run
        for item in contenders:
            _tell(
                waits, count, item, "through a delay" if delay else "direct", found.get(item.name, []), whole
            )
        if routes and delay:
            waits.notes.append(
                f"The delay: {next(iter(routes.values())).note}. Clients connect again at once."
            )
    yield waits
    yield count


def _tell(waits: Row, count: Row, item: Contender, way: str, runs: list[Run], whole: dict[str, Run]) -> None:
    name = f"{item.name}, {way}"
    if not runs:
        if item.name != "raw PTY" and way == "direct":
            waits.add(item.name, [], peer=True, note=ENDS if item.address else item.note)
        return
    mean = sum(run.took for run in runs) / len(runs)
    note = f"the whole in {mean:.2f} s, without cuts {whole[item.name].took:.2f} s"
    waits.add(name, [wait * 1000 for run in runs for wait in run.waits], peer=item.peer, note=note)
    count.add(f"{name}, lost", [run.lost for run in runs], peer=item.peer)
    count.add(f"{name}, twice", [run.doubled for run in runs], peer=item.peer)


def _port(item: Contender) -> int:
    assert item.address is not None
    return urlsplit(item.address(0).url).port or 0


async def _timely(item: Contender, route: network.Route, numbers: int, times: int) -> Run:
    try:
        return await asyncio.wait_for(_run(item, route, numbers, times), LONGEST)
    except TimeoutError:
        raise BenchError(
            f"{item.name} did not bring all output in {LONGEST:g} s, after {times} cuts."
        ) from None


async def _run(item: Contender, route: network.Route, numbers: int, times: int) -> Run:
    assert item.address is not None
    address = item.address(0)
    if address.kind == "terminado":
        address = dataclasses.replace(address, url=f"{address.url}/{secrets.token_hex(4)}")
    client = await _open(address, route)
    found, received = Run(), bytearray()
    try:
        await client.run(
            f"stty raw -echo; printf 'RE''ADY'; head -c 1 >/dev/null; seq 1 {numbers}; printf 'DO''NE'; head -c 1"
        )
        whole = len(expected(numbers))
        ahead = [round(whole * (0.02 + 0.93 * (cut + random.random()) / times)) for cut in range(times)]
        began = time.perf_counter()
        await client.type(b"x")
        while not received.endswith(LAST):
            received += await client.read()
            if ahead and len(received) >= ahead[0] and not received.endswith(LAST):
                del ahead[0]
                client, wait, data = await _cut(client, address, route)
                received += data
                found.waits.append(wait)
        found.took = time.perf_counter() - began
        await client.type(b"x")  # the program ends
    finally:
        await client.close()
    found.lost, found.doubled = await asyncio.to_thread(account, bytes(received).removesuffix(LAST), numbers)
    return found


async def _open(address: Address, route: network.Route) -> Lab | Terminado:
    socket = await asyncio.to_thread(route.connect)
    if address.kind == "lab":
        return await Lab.open(address, sock=socket)
    return await Terminado.open(address, sock=socket)


async def _cut(
    client: Lab | Terminado, address: Address, route: network.Route
) -> tuple[Lab | Terminado, float, bytes]:
    """Lose the connection and make another at once; the seconds until there is output again, and that output."""
    began = time.perf_counter()
    client.cut()
    while True:
        with suppress(OSError, BenchError, TerminalEnded):
            if isinstance(client, Lab):
                await client.resume(sock=await asyncio.to_thread(route.connect))
            else:
                client = await _open(address, route)
            data = await client.read()
            return client, time.perf_counter() - began, data
        if time.perf_counter() - began > LONGEST:
            raise BenchError("A terminal could not be reached again after a cut.")
        await asyncio.sleep(PAUSE)
