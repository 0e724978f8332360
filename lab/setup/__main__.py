"""`python3 -m lab.setup up|down|doctor|prepare`."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
from pathlib import Path

from lab.paths import Paths
from lab.setup.errors import SetupError, full, is_full, tail
from lab.setup.interpreter import go_on


def main(words: list[str] | None = None) -> int:
    """The exit status: 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(
        prog="python3 -m lab.setup", description="Set up, start and stop the lab."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="prepare what is missing, start the lab, print its address")
    commands.add_parser("down", help="stop it and leave nothing on the machine but its data folder")
    doctor = commands.add_parser("doctor", help="say what this machine can do and how to mend the rest")
    doctor.add_argument("--json", action="store_true")
    prepare = commands.add_parser("prepare", help="build parts without starting anything")
    prepare.add_argument("--dev", action="store_true", help="what the tests need, too")
    prepare.add_argument("parts", nargs="*", help="only these, and what builds them")
    commands.add_parser(
        "tools-archive", help="put what sandboxes are made of into one file, for machines without a network"
    )
    commands.add_parser(
        "test", help="run the tests, in a data folder of their own that `prepare --dev` filled"
    )
    commands.add_parser("check", help="check style, types, templates and lessons")
    chosen = parser.parse_args(words)
    os.umask(0o022)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    paths = Paths.from_env()
    try:
        go_on(paths, ["-m", "lab.setup", *(sys.argv[1:] if words is None else words)])
        return _run(chosen, paths)
    except SetupError as error:
        if error.log is not None and (lines := tail(error.log)):
            print(f"\n{error.log}:", *(f"  {line}" for line in lines), sep="\n", file=sys.stderr)
        print(f"\n{error.message}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        said = f"{error.filename or paths.data}: {error.strerror or error}; LAB_DATA may name another folder."
        print(f"\n{full(paths.data) if is_full(error) else said}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped; what was built is kept, and nothing was left running.", file=sys.stderr)
    return 1


def _interrupt(number: int, frame: object) -> None:
    """Being ended from outside is as Ctrl-C, which reaches the programs that build parts too."""
    for task in Path("/proc/self/task").iterdir():
        for child in (task / "children").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGINT)
    raise KeyboardInterrupt


def _run(chosen: argparse.Namespace, paths: Paths) -> int:
    if chosen.command == "doctor":
        from lab.setup.doctor import doctor

        return doctor(paths, as_json=chosen.json)
    if chosen.command in ("test", "check"):
        from lab.setup import testing

        return testing.run_tests(paths) if chosen.command == "test" else testing.check(paths)
    if chosen.command == "prepare":
        from lab.setup.prepare import prepare

        prepare(paths, dev=chosen.dev, only=chosen.parts)
    elif chosen.command == "tools-archive":
        from lab.setup import archive

        archive.write(paths)
    elif chosen.command == "up":
        from lab.setup.up import up

        up(paths)
    else:
        from lab.setup.down import stop

        stop(paths)
    return 0


if __name__ == "__main__":
    sys.exit(main())
