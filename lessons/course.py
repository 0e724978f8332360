"""The course of this process: loaded once, read again when a file changes.

A broken edit leaves what was there in place; `problems()` says what is wrong with the new one.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from lessons import loader
from lessons.problems import LessonsBroken
from lessons.tree import Course
from sandbox.images.manifest import KUBERNETES, image_names

log = logging.getLogger(__name__)

LOOK_AGAIN = 1.0
"""Seconds between two looks at the files' dates and sizes."""


def content() -> Path:
    """The folder that the lessons lie in."""
    return Path(getattr(settings, "LESSONS_CONTENT", Path(__file__).resolve().parent / "content"))


def read(root: Path, *, syntax: bool = False) -> Course:
    """The course in a folder. Raises LessonsBroken."""
    return loader.load(
        root, images=image_names() | image_names(KUBERNETES), version=fingerprint(root), syntax=syntax
    )


def fingerprint(root: Path) -> str:
    """A text that changes when any file below `root` is added, removed or written."""
    digest = hashlib.sha256()
    for name, entry in sorted(_files(root, "")):
        try:
            stat = entry.stat()
        except OSError:  # an editor has put another in its place just now
            continue
        digest.update(f"{name}\0{stat.st_mtime_ns}\0{stat.st_size}\0".encode())
    return digest.hexdigest()[:16]


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # the folder is gone: the same as empty
        return
    for entry in entries:
        if loader.of_an_editor(entry.name):
            continue
        if entry.is_dir():
            yield f"{prefix}{entry.name}/", entry
            yield from _files(Path(entry.path), f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry


class Store:
    """Holds the newest course that was good. Safe to use from several threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._course: Course | None = None
        self._problems: tuple[str, ...] = ()
        self._seen = ""
        self._looked = 0.0

    def get(self) -> Course:
        """The course. Raises LessonsBroken only while none has ever been good."""
        now = time.monotonic()
        course = self._course
        if course is not None and now - self._looked < LOOK_AGAIN:
            return course
        with self._lock:
            if self._course is None or now - self._looked >= LOOK_AGAIN:
                self._look()
                self._looked = now
            assert self._course is not None
            return self._course

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the files as they are now, each with file and line."""
        self.get()
        return self._problems

    def _look(self) -> None:
        seen = fingerprint(self.root)
        if self._course is not None and seen == self._seen:
            return
        try:
            self._course = read(self.root)
        except (LessonsBroken, OSError) as error:
            if self._course is None:
                raise
            if seen != self._seen:
                log.warning("The lessons stay as they were, because of\n%s", error)
            self._problems = tuple(str(error).splitlines())
        else:
            self._problems = ()
        self._seen = seen


_store: Store | None = None
_store_lock = threading.Lock()


def store() -> Store:
    """This process's store."""
    global _store
    with _store_lock:
        if _store is None or _store.root != content():
            _store = Store(content())
        return _store


def get() -> Course:
    """The course. Raises LessonsBroken only while none has ever been good."""
    return store().get()


def problems() -> tuple[str, ...]:
    """What is wrong with the lesson files as they are now."""
    return store().problems()


def require() -> None:
    """Load the course at a process's start. Raises SystemExit (1) with all problems when it is broken."""
    try:
        get()
    except LessonsBroken as broken:
        raise SystemExit(f"The lessons are broken; mend these files and start again:\n{broken}") from None
