"""`manage.py checklessons`: validate every lesson file; with --run, prove every step in a real sandbox."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lessons import course, proving
from lessons.problems import LessonsBroken
from lessons.proofs import Proofs
from lessons.prove import Proof
from lessons.slides import table
from lessons.tree import Course, Lesson

MOST_JOBS = 16


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
        parser.add_argument(
            "--jobs", type=int, default=1, metavar="N", help="sandboxes at once for --run; 1 without it"
        )
        parser.add_argument(
            "--apart",
            action="store_true",
            help="with --run: also prove that no check passes when only the steps beside it were done",
        )
        parser.add_argument(
            "--slides",
            action="store_true",
            help="also print which steps cover which slide, for docs/course.md",
        )
        parser.add_argument("--content", type=Path, help="the folder of lessons, if not the lab's own")

    def handle(
        self,
        *args: Any,
        run: list[str] | None,
        jobs: int,
        apart: bool,
        slides: bool,
        content: Path | None,
        **options: Any,
    ) -> None:
        if not 1 <= jobs <= MOST_JOBS:
            raise CommandError(f"--jobs is {jobs}; give a whole number from 1 to {MOST_JOBS}.")
        root = (content or course.content()).absolute()
        try:
            found = course.read(root, syntax=True)
        except PermissionError as error:
            raise CommandError(
                f"{error.filename or root} cannot be read by this command's user; let others read the lessons "
                "and enter each folder above them (chmod o+rX), or keep them elsewhere."
            ) from None
        except LessonsBroken as broken:
            count = len(broken.problems)
            raise CommandError(f"{broken}\n{count} problem{'s' * (count != 1)} in the lessons.") from None
        steps = sum(len(lesson.steps) for lesson in found.lessons)
        self.stdout.write(f"{len(found.lessons)} lessons with {steps} steps are well-formed.")
        if slides:
            self.stdout.write(table(found))
        if run is None:
            return
        failed = [proof for proof in self._prove(self._chosen(found, run), jobs, apart) if proof.problem]
        if failed:
            raise CommandError("\n".join(str(proof) for proof in failed))

    def _chosen(self, found: Course, names: list[str]) -> list[Lesson]:
        names = [name.strip("/").rpartition("/")[2] for name in names]  # as a shell completes a folder
        if unknown := [name for name in names if name not in found.by_slug]:
            raise CommandError(f"There is no lesson {unknown[0]}; there is {', '.join(found.by_slug)}.")
        return [lesson for lesson in found.lessons if not names or lesson.slug in names]

    def _prove(self, lessons: list[Lesson], jobs: int, apart: bool) -> list[Proof]:
        """Prove, say and note each step as it comes."""
        report, proofs = Proofs(), []
        for proof, versions in proving.prove_all(lessons, jobs, each_apart=apart):
            proofs.append(proof)
            mark = "ok" if not proof.problem else "FAILED" if proof.tried else "-"
            said = proof.problem or proof.hint or "does not pass for its neighbours" * proof.apart
            self.stdout.write(f"{proof.lesson}/{proof.step:28} {mark:6} {proof.seconds:6.2f} s  {said}")
            self.stdout.flush()
            if proof.apart:
                continue
            try:
                report.note(proof, versions, timezone.now())
            except OSError as error:
                self.stderr.write(f"The report {report.path} could not be written: {error.strerror}.")
        return proofs
