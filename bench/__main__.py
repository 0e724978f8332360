"""`make bench`: measure, print tables, write JSON. LAB_DATA names what set-up built."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import uvloop

from bench import browser, checks, containers, lines, machine, previews, servers
from bench.engine import host_engine
from bench.place import BenchError, built
from bench.report import Row, document
from bench.sandboxes import sandboxes
from lab.paths import Paths

CONTAINERS = ("create", "thaw", "run", "memory")
TERMINALS = ("echo", "throughput")
PREVIEWS = ("preview",)
BROWSER = ("browser", "ctrl-c")
LESSONS = ("check",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "rows",
        nargs="*",
        metavar="ROW",
        help=f"of: {', '.join([*CONTAINERS, *TERMINALS, *PREVIEWS, *BROWSER, *LESSONS])} (all)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: bench.json in LAB_DATA")
    parser.add_argument("--scale", type=float, default=1.0, help="how many measurements, 1 being the usual")
    chosen = parser.parse_args()
    rows: list[str] = chosen.rows or [*CONTAINERS, *TERMINALS, *PREVIEWS, *BROWSER, *LESSONS]
    if unknown := set(rows) - {*CONTAINERS, *TERMINALS, *PREVIEWS, *BROWSER, *LESSONS}:
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    try:
        base = built()
        facts = machine.facts()
        print(machine.sentence(facts), flush=True)
        done = []
        for row in _measure(base, rows, chosen.scale):
            print(f"\n{row.table()}", flush=True)
            done.append(row)
        file: Path = chosen.json or base.data / "bench.json"
        file.write_text(json.dumps(document(facts, done), indent=2) + "\n")
        print(f"\nAs JSON: {file}")
    except BenchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def _measure(base: Paths, rows: list[str], scale: float) -> Iterator[Row]:
    def count(usual: int) -> int:
        return max(2, round(usual * scale))

    if set(rows) & set(CONTAINERS):
        with sandboxes(base) as lab, host_engine(base, lab.registry) as engine:
            measures: dict[str, Callable[[], Row]] = {
                "create": lambda: containers.create(lab, engine, count(12)),
                "thaw": lambda: containers.thaw(lab, engine, count(40)),
                "run": lambda: containers.run(lab, engine, count(25)),
                "memory": lambda: containers.memory(lab, engine, 5.0),
            }
            yield from (measure() for name, measure in measures.items() if name in rows)
    if set(rows) & set(TERMINALS):
        with servers.lab(base) as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            place = runner.run(servers.claim(port))
            if "echo" in rows:
                yield runner.run(lines.echo(place, count(4000)))
            if "throughput" in rows:
                yield runner.run(lines.throughput(place, count(5)))
    if set(rows) & set(PREVIEWS):
        with servers.lab(base) as port, asyncio.Runner() as runner:
            yield from previews.previews(runner.run(servers.claim(port)), port, count(3))
    if set(rows) & set(BROWSER):
        with servers.lab(base) as port, browser.page(port) as opened:
            if "browser" in rows:
                yield browser.floods(opened, round(100_000_000 * min(1.0, scale)), count(3))
            if "ctrl-c" in rows:
                yield browser.interrupt(opened, count(5))
    if set(rows) & set(LESSONS):
        with checks.course(base), servers.lab(base) as port, asyncio.Runner() as runner:
            yield runner.run(checks.checks(port, count(40)))


if __name__ == "__main__":
    sys.exit(main())
