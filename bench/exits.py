"""Short commands as the terminal's program: whether all that they print arrives, with their exit codes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.contenders import Contender
from bench.report import Row
from bench.terminals import TerminalEnded

LINES = 2000
LONGEST = 60.0
CODES = 100


@dataclass
class Tally:
    """Of one contender: milliseconds of each command, and how many ended as they should."""

    took: list[float] = field(default_factory=list)
    complete: int = 0
    codes: int = 0


async def exits(contenders: Sequence[Contender], count: int) -> Row:
    """`count` commands each, one after the other, turn by turn."""
    row = Row(
        "exits", f"{count} short commands, each the program of a new terminal, from opening to the end", "milliseconds",
        ("p50", "p95", "max"), goal=f"{count} complete outputs and exit codes",
    )  # fmt: skip
    found = {contender.name: Tally() for contender in contenders}
    for number in range(count):
        for contender in contenders:
            if contender.address:
                await _once(contender, found[contender.name], 1 + number % CODES)
    for contender in contenders:
        tally, note = found[contender.name], contender.note
        if contender.address:
            codes = f"{tally.codes} exit codes" if tally.codes or not contender.peer else "says no exit codes"
            note = f"{tally.complete} of {count} complete, {codes}"
        row.add(contender.name, tally.took, peer=contender.peer, note=note)
    row.notes.append(f"Each prints {LINES} lines and ends with a code of its own.")
    return row


async def _once(contender: Contender, tally: Tally, code: int) -> None:
    seen = bytearray()
    began = time.perf_counter()
    terminal = await contender.open()
    try:
        await terminal.type(f"exec bash -c 'seq 1 {LINES}; exit {code}'\r".encode())
        async with asyncio.timeout(LONGEST):
            while True:
                seen += await terminal.read()
    except TimeoutError:
        return
    except TerminalEnded as ended:
        tally.took.append((time.perf_counter() - began) * 1000)
        tally.codes += ended.code == code
        tally.complete += OUTPUT in seen
    finally:
        await terminal.close()


OUTPUT = b"".join(b"%d\r\n" % number for number in range(1, LINES + 1))
