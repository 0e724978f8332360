"""When each step was last proven, and on what: kept as one JSON file in the data folder, for this lab's own sandboxes.

    {"steps": {"010-what-is-a-container/10-a-process": {
        "passed": "2026-03-04T05:06:07+00:00", "seconds": 0.4,
        "engine": "Docker 26.1.5", "rootfs": "rootfs-0123456789ab", "lesson": "0123456789abcdef",
        "failed": null, "problem": ""}}}

`passed` with `engine`, `rootfs` and `lesson` (a fingerprint of what was proven) is the last time that all was well;
`failed` with `problem` is there while the newest attempt was not.
"""

from __future__ import annotations

import fcntl
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from lessons import prove
from lessons.prove import Proof
from lessons.tree import Lesson


@dataclass(frozen=True)
class Versions:
    """What a step was tried on."""

    engine: str
    rootfs: str
    lesson: str


@dataclass(frozen=True)
class Record:
    """What is known of one step."""

    passed: datetime | None = None
    seconds: float = 0.0
    engine: str = ""
    rootfs: str = ""
    lesson: str = ""
    failed: datetime | None = None
    problem: str = ""


@dataclass(frozen=True)
class Standing:
    """How a lesson stands. `proven` is when the first of its steps was proven, all of them on what the lab has now;
    None while one is not. `engine` is what they were proven with. `failures` are steps whose newest attempt failed,
    each with its problem; `open` those that have no proof for what the lesson and the sandboxes are now."""

    proven: datetime | None
    engine: str
    failures: tuple[tuple[str, str], ...] = ()
    open: tuple[str, ...] = ()


def rootfs() -> str:
    """What this lab's sandboxes are made of now."""
    return settings.PATHS.rootfs.resolve().name if settings.PATHS.rootfs.exists() else ""


class Proofs:
    """The report in a file. One that is missing or cannot be read counts as empty: all can be proven again."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or settings.PATHS.proofs

    def all(self) -> dict[str, Record]:
        """Every record, by "LESSON/STEP"."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["steps"]
            return {name: _record(fields) for name, fields in found.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def note(self, proof: Proof, versions: Versions, now: datetime) -> None:
        """Keep what came of a step. Two who write at once wait for each other. Raises OSError."""
        if not proof.tried:
            return
        with self.path.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            records = self.all()
            name = f"{proof.lesson}/{proof.step}"
            if proof.problem:
                before = asdict(records.get(name, Record()))
                records[name] = Record(**{**before, "failed": now, "problem": proof.problem})
            else:
                records[name] = Record(now, round(proof.seconds, 3), **asdict(versions))
            text = json.dumps(
                {"steps": {key: _fields(one) for key, one in sorted(records.items())}}, indent=1
            )
            fresh = self.path.with_name(f".{self.path.name}.new")
            fresh.write_text(text + "\n", encoding="utf-8")
            fresh.replace(self.path)

    def standings(self, lessons: tuple[Lesson, ...]) -> dict[str, Standing]:
        """How these lessons stand, by slug."""
        records, made_of = self.all(), rootfs()
        return {lesson.slug: _standing(lesson, records, made_of) for lesson in lessons}


def _standing(lesson: Lesson, records: dict[str, Record], made_of: str) -> Standing:
    now = prove.fingerprint(lesson)
    found = {step: records.get(f"{lesson.slug}/{step}", Record()) for step in prove.provable(lesson)}
    failures = tuple((step, one.problem) for step, one in found.items() if one.failed)
    current = {
        step: one.passed
        for step, one in found.items()
        if one.passed and not one.failed and (one.lesson, one.rootfs) == (now, made_of)
    }
    waiting = tuple(step for step, one in found.items() if step not in current and not one.failed)
    if not current or len(current) < len(found):
        return Standing(None, "", failures, waiting)
    oldest = min(current, key=lambda step: current[step])
    return Standing(current[oldest], found[oldest].engine)


def _record(fields: dict[str, Any]) -> Record:
    dates = {
        name: datetime.fromisoformat(fields[name]) if fields.get(name) else None
        for name in ("passed", "failed")
    }
    return Record(**{**fields, **dates})


def _fields(record: Record) -> dict[str, Any]:
    dates = {"passed": record.passed, "failed": record.failed}
    return {**asdict(record), **{name: when and when.isoformat() for name, when in dates.items()}}
