"""`manage.py newlesson 020-components`: begin a lesson."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lessons import course, skeleton


class Command(BaseCommand):
    help = "Makes the folder of a new lesson with a first step, well-formed and ready to be filled in."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NUMBER-NAME", help="the folder's name, such as 020-components")
        parser.add_argument("--title", default="", help="its title; otherwise the name's words")
        parser.add_argument("--content", type=Path, help="the folder of lessons, if not the lab's own")

    def handle(self, *args: Any, name: str, title: str, content: Path | None, **options: Any) -> None:
        root = (content or course.content()).absolute()
        try:
            files = skeleton.new_lesson(root, name, title)
        except skeleton.Refused as refused:
            raise CommandError(str(refused)) from None
        for file in files:
            self.stdout.write(str(file))
        self.stdout.write(f"Another step: ./manage.py newstep {name} 20-NAME")
