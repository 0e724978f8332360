"""A course written for a test, a queue in memory, and a sandbox made of this machine's own bash."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from lab.celery import app
from lessons import course
from lessons.models import Learner
from sandbox import service
from sandbox.drivers.base import Result
from sandbox.errors import SandboxTimeout
from sandbox.models import Sandbox, State

LESSON = """---
title: A lesson
summary: What it is about.
minutes: 10
profile: docker
slides: [One]
---
"""
STEP = """---
title: A step
---

Some text.
"""
GOOD = {
    "010-first/lesson.md": LESSON,
    "010-first/10-one/step.md": STEP,
    "010-first/10-one/check.sh": '[ -e "$LAB_TEST/one" ] || hint "There is no file one."\n',
    "010-first/10-one/solve.sh": 'touch "$LAB_TEST/one"\n',
    "010-first/20-two/step.md": STEP,
    "010-first/20-two/check.sh": '[ -e "$LAB_TEST/two" ] || hint "There is no file two."\n',
    "010-first/20-two/solve.sh": 'touch "$LAB_TEST/two"\n',
    "010-first/20-two/setup.sh": 'echo ready >>"$LAB_TEST/ready"\n',
    "010-first/30-read/step.md": STEP,
}
Write = Callable[[dict[str, str | None]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes the good course with some files changed (None: left out); gives the content folder."""

    def build(changes: dict[str, str | None]) -> Path:
        root = tmp_path / "content"
        for name, text in {**GOOD, **changes}.items():
            path = root / name
            path.unlink(missing_ok=True)
            if text is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
        return root

    return build


@pytest.fixture
def content(write: Write, settings: Settings) -> Path:
    """The good course, as this process's own."""
    root = write({})
    settings.LESSONS_CONTENT = root
    course.store()
    return root


@pytest.fixture(autouse=True)
def queue(settings: Settings) -> Iterator[None]:
    """A broker and a channel layer inside this process."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    before = app.conf.broker_url
    app.conf.broker_url = "memory://"
    yield
    app.conf.broker_url = before


@pytest.fixture(autouse=True)
def static(settings: Settings, tmp_path: Path) -> None:
    """Static files as they lie in the source: nobody has collected them."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


@pytest.fixture
def learner(db: None) -> Learner:
    return Learner.objects.create()


@pytest.fixture
def sandbox(learner: Learner) -> Sandbox:
    return Sandbox.objects.create(owner=learner.key, profile="docker", state=State.READY, handle={})


class Shell:
    """Runs what a sandbox would run with the bash of this machine; can be told to misbehave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine_alive = True
        self.error: Exception | None = None
        self.ran: list[list[str]] = []
        self.before: Callable[[], None] = lambda: None

    def __call__(self, sandbox: Sandbox, argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        self.ran.append(argv)
        self.before()
        if self.error is not None:
            raise self.error
        if argv[0] == "docker":
            return Result(0 if self.engine_alive else 1, b"", b"")
        environment = {**os.environ, "LAB_TEST": str(self.folder)}
        try:
            done = subprocess.run(
                argv, input=stdin, capture_output=True, timeout=timeout, env=environment, check=False
            )
        except subprocess.TimeoutExpired:
            raise SandboxTimeout("It took too long.") from None
        return Result(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """What stands for the inside of every sandbox."""
    folder = tmp_path / "inside"
    folder.mkdir()
    inside = Shell(folder)
    monkeypatch.setattr(service, "run", inside)
    return inside
