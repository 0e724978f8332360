"""What the guest handed back, read on the host."""

from __future__ import annotations

import json
import tarfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.vm.qemu import MachineError, end_of


@dataclass(frozen=True)
class Case:
    """One test that ran in the guest. `problem` holds why it failed, `skipped` why it did not run."""

    name: str
    seconds: float
    problem: str = ""
    skipped: str = ""


@dataclass(frozen=True)
class Outcome:
    """A finished job: its exit status (-1: it could not be started), its output, and what the machine was."""

    status: int
    facts: dict[str, Any]
    output: str = field(repr=False)
    journal: str = field(repr=False)
    cases: tuple[Case, ...]


def read_outcome(archive: Path, console: Path) -> Outcome:
    """What the guest's archive says. Raises MachineError, with the console's end, when it is not complete."""
    try:
        with tarfile.open(archive) as tar:
            files = {Path(member.name).name: _content(tar, member) for member in tar if member.isfile()}
        facts = json.loads(files["facts.json"])
        return Outcome(
            status=facts["status"],
            facts=facts,
            output=files["output.log"].decode(errors="replace"),
            journal=files["journal.log"].decode(errors="replace"),
            cases=tuple(read_cases(files["junit.xml"])) if "junit.xml" in files else (),
        )
    except (tarfile.TarError, OSError, EOFError, KeyError) as problem:
        raise MachineError(f"The machine went off without complete results.\n{end_of(console)}") from problem


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    assert file is not None
    return file.read()


def read_cases(report: bytes) -> Iterator[Case]:
    """The tests in a JUnit report as pytest writes it."""
    for element in ET.fromstring(report).iter("testcase"):
        problems = [
            f"{child.get('message', '')}\n{child.text or ''}".strip()
            for child in element
            if child.tag in ("failure", "error")
        ]
        skipped = element.find("skipped")
        yield Case(
            name=f"{element.get('classname', '')}::{element.get('name', '')}",
            seconds=float(element.get("time", 0)),
            problem="\n".join(problems),
            skipped="" if skipped is None else skipped.get("message", "no reason given"),
        )
