"""`manage.py sandbox`: make, enter, list and remove sandboxes from a shell, for operators and scripts."""

from __future__ import annotations

import sys
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lab import lease
from sandbox import service
from sandbox.drivers.base import PROFILES, Spec
from sandbox.errors import SandboxError
from sandbox.models import LIVE, SPARE, Sandbox, State
from sandbox.streams import without_terminal

REMOVED = "The person who runs the lab has removed this sandbox; start a fresh one."
THERE = (*LIVE, *SPARE, State.ENDING)


class Command(BaseCommand):
    help = "Make, enter, list and remove sandboxes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        create = commands.add_parser("create", help="make one; its key is the last line printed")
        create.add_argument("--profile", choices=PROFILES, default="docker")
        run = commands.add_parser(
            "run", help="run a command inside; its output and exit status are passed on"
        )
        run.add_argument("key")
        run.add_argument("--user", choices=("root", "learner"), default="root")
        run.add_argument("argv", nargs=REMAINDER, metavar="-- ARGV")
        commands.add_parser("list", help="all of them, one a line")
        destroy = commands.add_parser("destroy", help="remove one, or with --all every one")
        destroy.add_argument("key", nargs="?")
        destroy.add_argument("--all", action="store_true", dest="every")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = getattr(self, f"_{options['command']}")(options)
        except SandboxError as error:
            self.stderr.write(error.message)
            sys.exit(1)
        if code:
            sys.exit(code)

    def _create(self, options: dict[str, Any]) -> int:
        row = Sandbox.objects.create(profile=options["profile"], owner="")
        Sandbox.lease_for(row.key, states=(State.PREPARING,), time=lease.LEASE)
        try:
            with lease.keep(Sandbox.objects.filter(key=row.key, state=State.PREPARING), f"sandbox {row.key}"):
                handle = service.sandboxd().create(row.key, Spec(profile=row.profile), self._report)
        except BaseException:
            Sandbox.move(row.key, frm=(State.PREPARING,), to=State.ENDING, lease=None)
            raise
        Sandbox.move(row.key, frm=(State.PREPARING,), to=State.READY, handle=handle, lease=None)
        self.stdout.write(row.key)
        return 0

    def _report(self, name: str, index: int, count: int) -> None:
        self.stderr.write(f"[{index + 1}/{count}] {name}")
        self.stderr.flush()

    def _run(self, options: dict[str, Any]) -> int:
        argv = options["argv"][1:] if options["argv"][:1] == ["--"] else options["argv"]
        if not argv:
            self.stderr.write("Say what to run: manage.py sandbox run KEY -- ARGV")
            return 2
        row = self._find(options["key"])
        service.touch(row.key)
        streams = (sys.stdin.fileno(), sys.stdout.fileno(), sys.stderr.fileno())
        daemon = service.sandboxd()
        daemon.thaw(row.handle)
        with without_terminal(streams) as given:
            return daemon.attach(row.handle, argv, given, options["user"])

    def _list(self, options: dict[str, Any]) -> int:
        for row in Sandbox.objects.exclude(state__in=(State.ENDED, State.FAILED)).order_by("created"):
            owner = row.owner[:8] or ("the pool" if row.state in SPARE else "operator")
            state = "asleep" if row.asleep and row.state == State.READY else row.state
            self.stdout.write(
                f"{row.key}  {state:9}  {row.profile:10}  {owner:8}  {row.created:%Y-%m-%d %H:%M}"
            )
        return 0

    def _destroy(self, options: dict[str, Any]) -> int:
        if bool(options["key"]) == options["every"]:
            self.stderr.write("Say which: manage.py sandbox destroy KEY, or --all.")
            return 2
        rows = list(Sandbox.objects.filter(state__in=THERE)) if options["every"] else []
        if options["key"]:
            rows = [self._find(options["key"], THERE)]
        for row in rows:
            if Sandbox.move(row.key, frm=(*LIVE, *SPARE), to=State.ENDING, lease=None, message=REMOVED):
                service.announce(row.key)
            service.sandboxd().destroy(row.handle or {"key": row.key})
            Sandbox.move(row.key, frm=(State.ENDING,), to=State.ENDED)
            service.announce(row.key)
        if options["every"]:
            found = (
                service.sandboxd().list()
            )  # what is being made for the queue or the pool meanwhile has a row
            for key in sorted(
                found - set(Sandbox.objects.filter(state__in=THERE).values_list("key", flat=True))
            ):
                service.sandboxd().destroy({"key": key})
        return 0

    def _find(self, key: str, states: tuple[State, ...] = (*LIVE, State.ENDING)) -> Sandbox:
        row = Sandbox.objects.filter(key=key, state__in=states).first()
        if row is None and Sandbox.objects.filter(key=key, state__in=SPARE).exists():
            self.stderr.write(
                f"Sandbox {key} waits in the pool for a learner; make your own by `sandbox create`."
            )
            sys.exit(1)
        if row is None:
            self.stderr.write(f"There is no sandbox {key}; `manage.py sandbox list` shows all of them.")
            sys.exit(1)
        return row
