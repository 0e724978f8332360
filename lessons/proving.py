"""Proving lessons in sandboxes of the running lab, several at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from queue import SimpleQueue

from django.db import connections
from django.utils import timezone

from lessons import apart, proofs, prove
from lessons.apart import Apart
from lessons.proofs import Versions
from lessons.prove import Proof, Stretch
from lessons.scripts import Run
from lessons.tree import Lesson
from sandbox import service
from sandbox.drivers.base import Result, Spec
from sandbox.errors import SandboxError
from sandbox.models import LIVE, Sandbox, State

PATIENCE = timedelta(minutes=5)

Open = Callable[[str], AbstractContextManager[Run]]
"""Opens a sandbox of a profile for the time of the body."""


def prove_all(
    lessons: Sequence[Lesson], jobs: int, opens: Open | None = None, *, each_apart: bool = False
) -> Generator[tuple[Proof, Versions], None, None]:
    """Prove lessons in up to `jobs` sandboxes at once; each step as its result comes, with what it was tried on.
    With `each_apart` also that no check passes when only the steps beside it were done.

    A sandbox that cannot be had is a problem of the first step that it was for. When the caller stops early, what
    is under way ends after its present step, and every sandbox is removed.
    """
    parts: list[Stretch | Apart] = []
    pieces = -(-jobs // max(1, len(lessons)))  # several lessons fill the sandboxes without being cut
    for lesson in lessons:
        parts += prove.stretches(lesson, pieces)
        parts += apart.halves(lesson) if each_apart else ()
    results: SimpleQueue[tuple[Proof, Versions] | None] = SimpleQueue()
    stop = threading.Event()

    def work(part: Stretch | Apart) -> None:
        try:
            for result in _prove(part, opens or sandbox, stop):
                results.put(result)
        finally:
            connections.close_all()
            results.put(None)

    with ThreadPoolExecutor(jobs, "prove") as pool:
        done = [pool.submit(work, part) for part in parts]
        try:
            for _ in parts:
                while (result := results.get()) is not None:
                    yield result
        finally:
            stop.set()
        for one in done:
            one.result()  # a mistake of ours is not swallowed


def _prove(part: Stretch | Apart, opens: Open, stop: threading.Event) -> Iterator[tuple[Proof, Versions]]:
    lesson = part.lesson
    versions = Versions("", proofs.rootfs(), prove.fingerprint(lesson))
    if stop.is_set():
        return
    try:
        with opens(lesson.profile) as run:
            versions = Versions(_engine(run), versions.rootfs, versions.lesson)
            for proof in part.prove(run):
                yield proof, versions
                if stop.is_set():
                    return
    except SandboxError as error:
        why = f"was not tried: {error.message}"
        yield Proof(lesson.slug, part.begins, problem=why, tried=False), versions


def _engine(run: Run) -> str:
    """The container engine's name and version. Raises SandboxError."""
    said = run(["docker", "version", "--format", "{{.Server.Version}}"], timeout=10.0)
    version = (
        said.stdout.decode(errors="replace").strip().partition("+")[0]
    )  # without the distribution's own mark
    return f"Docker {version}" if said.exit_code == 0 and version else ""


@contextmanager
def sandbox(profile: str) -> Iterator[Run]:
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
