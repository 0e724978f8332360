"""`manage.py checklessons`: validate every lesson file; with --run, prove every step in a real sandbox."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lessons import course
from lessons.problems import LessonsBroken
from lessons.prove import Proof, prove
from lessons.scripts import Run
from lessons.tree import Course, Lesson
from sandbox import service
from sandbox.drivers.base import Result, Spec
from sandbox.errors import SandboxError
from sandbox.models import LIVE, Sandbox, State

PATIENCE = timedelta(minutes=5)


class Command(BaseCommand):
    help = (
        "Checks every lesson file and names each problem with file and line. With --run, also proves each "
        "step in a real sandbox: its check fails before the solution and passes after it."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--run",
            nargs="*",
            metavar="LESSON",
            help="prove these lessons (folder names), or all of them, in sandboxes of the running lab",
        )
        parser.add_argument("--content", type=Path, help="the folder of lessons, if not the lab's own")

    def handle(self, *args: Any, run: list[str] | None, content: Path | None, **options: Any) -> None:
        try:
            found = course.read((content or course.content()).absolute(), syntax=True)
        except LessonsBroken as broken:
            count = len(broken.problems)
            raise CommandError(f"{broken}\n{count} problem{'s' * (count != 1)} in the lessons.") from None
        steps = sum(len(lesson.steps) for lesson in found.lessons)
        self.stdout.write(f"{len(found.lessons)} lessons with {steps} steps are well-formed.")
        if run is None:
            return
        failed = [
            proof for lesson in self._chosen(found, run) for proof in self._prove(lesson) if proof.problem
        ]
        if failed:
            raise CommandError("\n".join(f"{one.lesson}/{one.step}: {one.problem}" for one in failed))

    def _chosen(self, found: Course, names: list[str]) -> list[Lesson]:
        if unknown := [name for name in names if name not in found.by_slug]:
            raise CommandError(f"There is no lesson {unknown[0]}; there is {', '.join(found.by_slug)}.")
        return [lesson for lesson in found.lessons if not names or lesson.slug in names]

    def _prove(self, lesson: Lesson) -> list[Proof]:
        self.stdout.write(f"\n{lesson.slug}")
        proofs = []
        try:
            with _sandbox(lesson.profile) as run_inside:
                for proof in prove(lesson, run_inside):
                    proofs.append(proof)
                    mark = "FAILED" if proof.problem else "ok"
                    self.stdout.write(f"  {proof.step:32} {mark:6} {proof.seconds:6.2f} s  {proof.hint}")
        except SandboxError as error:
            raise CommandError(f"{lesson.slug} cannot be proven: {error.message}") from None
        return proofs


@contextmanager
def _sandbox(profile: str) -> Iterator[Run]:
    """A sandbox for the time of the body. Its row tells the rest of the lab that it is wanted."""
    daemon = service.sandboxd()
    row = Sandbox.objects.create(profile=profile, lease=timezone.now() + PATIENCE)
    try:
        handle = daemon.create(row.key, Spec(profile=profile), lambda name, index, count: None)
        Sandbox.move(row.key, frm=(State.PREPARING,), to=State.READY, handle=handle, lease=None)

        def run_inside(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
            return daemon.run(handle, argv, timeout=timeout, stdin=stdin)

        yield run_inside
    finally:
        Sandbox.move(row.key, frm=LIVE, to=State.ENDING, lease=None)
        daemon.destroy({"key": row.key})
        Sandbox.move(row.key, frm=(State.ENDING,), to=State.ENDED)
