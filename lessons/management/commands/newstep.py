"""`manage.py newstep 020-components 20-images`: begin a step."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lessons import course, skeleton


class Command(BaseCommand):
    help = "Makes the folder of a new step in a lesson, well-formed and ready to be filled in."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("lesson", metavar="LESSON", help="the lesson's folder name")
        parser.add_argument("name", metavar="NUMBER-NAME", help="the step's folder name, such as 20-images")
        parser.add_argument("--title", default="", help="its title; otherwise the name's words")
        parser.add_argument("--content", type=Path, help="the folder of lessons, if not the lab's own")

    def handle(
        self, *args: Any, lesson: str, name: str, title: str, content: Path | None, **options: Any
    ) -> None:
        root = (content or course.content()).absolute()
        try:
            files = skeleton.new_step(root, lesson, name, title)
        except skeleton.Refused as refused:
            raise CommandError(str(refused)) from None
        for file in files:
            self.stdout.write(str(file))
