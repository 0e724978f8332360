"""`make bench`: measure, print tables, write JSON. LAB_DATA names what set-up built."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from bench import machine, peers
from bench.place import BenchError, built
from bench.report import document
from bench.rows import ROWS, measure


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="rows:\n" + "\n".join(f"  {name:16}{what}" for name, what in ROWS.items()),
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="which to measure, see below (all)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="default: bench.json in LAB_DATA")
    parser.add_argument("--scale", type=float, default=1.0, help="how many measurements, 1 being the usual")
    chosen = parser.parse_args()
    rows: list[str] = chosen.rows or list(ROWS)
    if unknown := set(rows) - set(ROWS):
        parser.error(f"there is no row {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell's background ignores it
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))  # ends, and cleans up
    try:
        base = built()
        facts = machine.facts(peers.versions(base))
        print(machine.sentence(facts), flush=True)
        done = []
        for row in measure(base, rows, chosen.scale):
            print(f"\n{row.table()}", flush=True)
            done.append(row)
        file: Path = chosen.json or base.data / "bench.json"
        file.write_text(json.dumps(document(facts, done), indent=2) + "\n")
        print(f"\nAs JSON: {file}")
    except BenchError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnded before all was measured.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
