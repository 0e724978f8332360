"""Several sandboxes at once, the report of what came of it, and who is told."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from lab.paths import Paths
from lessons import course, loader, proofs, prove, proving
from lessons.proofs import Proofs, Versions
from lessons.prove import Proof
from lessons.scripts import Run
from lessons.tree import Lesson
from sandbox.drivers.base import Result
from sandbox.errors import SandboxError
from sandbox.models import Sandbox

from .conftest import STEP, Shell, Write

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FIVE: dict[str, str | None] = {"010-first/20-two/setup.sh": None}
for number in ("40", "50", "60"):
    name = f"010-first/{number}-more"
    FIVE |= {
        f"{name}/step.md": STEP,
        f"{name}/check.sh": f'[ -e "$LAB_TEST/{number}" ] || hint "No {number}."\n',
        f"{name}/solve.sh": f'touch "$LAB_TEST/{number}"\n',
    }


class Rooms:
    """Sandboxes made of this machine's bash, a folder each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened = 0
        self.open_now = self.most = 0
        self.lock = threading.Lock()
        self.error: SandboxError | None = None
        self.together: threading.Barrier | None = None

    @contextmanager
    def __call__(self, profile: str) -> Iterator[Run]:
        assert profile == "docker"
        if self.error:
            raise self.error
        with self.lock:
            self.opened += 1
            self.open_now += 1
            self.most = max(self.most, self.open_now)
            folder = self.folder / f"room{self.opened}"
        folder.mkdir(parents=True)
        if self.together:
            self.together.wait(20)
        shell = Shell(folder)

        def run(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
            if argv[0] == "docker" and "version" in argv:
                return Result(0, b"26.1.5+dfsg1\n", b"")
            return shell(Sandbox(), argv, timeout=timeout, stdin=stdin)

        try:
            yield run
        finally:
            with self.lock:
                self.open_now -= 1


@pytest.fixture
def rooms(tmp_path: Path) -> Rooms:
    return Rooms(tmp_path / "rooms")


@pytest.fixture
def data(tmp_path: Path, settings: Settings) -> Paths:
    """A data folder with a root filesystem to make sandboxes of."""
    found = Paths(tmp_path / "data")
    found.proofs.parent.mkdir(parents=True)
    found.current.mkdir()
    (found.data / "rootfs-1").mkdir()
    found.rootfs.symlink_to(found.data / "rootfs-1")
    settings.PATHS = found
    return found


def the_lesson(root: Path) -> Lesson:
    return loader.load(root, images=()).lessons[0]


# Stretches


@pytest.mark.parametrize(
    ("jobs", "cuts"),
    [(1, [(0, 6)]), (2, [(0, 1), (1, 6)]), (5, [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6)])],
)
def test_a_lesson_is_cut_into_stretches(write: Write, jobs: int, cuts: list[tuple[int, int]]) -> None:
    found = prove.stretches(the_lesson(write(FIVE)), jobs)
    if jobs == 2:  # five steps to prove: two in the first
        cuts = [(0, 3), (3, 6)]
    assert [(one.first, one.end) for one in found] == cuts
    assert prove.stretches(the_lesson(write(FIVE)), 9) == prove.stretches(the_lesson(write(FIVE)), 5)


@pytest.mark.django_db(transaction=True)
def test_sandboxes_at_once(write: Write, rooms: Rooms, data: Paths) -> None:
    lesson = the_lesson(write(FIVE))
    rooms.together = threading.Barrier(3)  # nobody begins before all three are there
    results = list(proving.prove_all([lesson], 3, rooms))
    assert sorted(proof.step for proof, _ in results) == sorted(prove.provable(lesson))
    assert [proof.problem for proof, _ in results] == [""] * 5
    assert (rooms.opened, rooms.most, rooms.open_now) == (3, 3, 0)
    assert {versions for _, versions in results} == {
        Versions("Docker 26.1.5", "rootfs-1", prove.fingerprint(lesson))
    }


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_reached_is_no_failure_of_its_own(
    write: Write, rooms: Rooms, data: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "PASS_SECONDS", 0.0)
    lesson = the_lesson(write({**FIVE, "010-first/20-two/solve.sh": "true\n"}))
    found = {proof.step: proof for proof, _ in proving.prove_all([lesson], 2, rooms)}
    assert found["20-two"].problem == "check.sh still says, after solve.sh: There is no file two."
    assert found["40-more"].problem.startswith("was not reached: in 20-two, check.sh still says")
    assert [found[step].tried for step in ("20-two", "40-more")] == [True, False]
    assert "50-more" not in found


@pytest.mark.django_db(transaction=True)
def test_a_sandbox_that_cannot_be_had(write: Write, rooms: Rooms, data: Paths) -> None:
    rooms.error = SandboxError("There is no room.")
    ((proof, _),) = proving.prove_all([the_lesson(write({}))], 1, rooms)
    assert (proof.step, proof.problem, proof.tried) == ("10-one", "was not tried: There is no room.", False)


@pytest.mark.django_db(transaction=True)
def test_who_stops_early_leaves_no_sandbox(write: Write, rooms: Rooms, data: Paths) -> None:
    results = proving.prove_all([the_lesson(write(FIVE))], 2, rooms)
    next(results)
    results.close()
    assert rooms.open_now == 0


def test_words_are_no_part_of_the_proof(write: Write) -> None:
    before = prove.fingerprint(the_lesson(write({})))
    assert prove.fingerprint(the_lesson(write({"010-first/10-one/step.md": STEP + "\nMore.\n"}))) == before
    for script in ("check", "solve", "setup"):
        assert prove.fingerprint(the_lesson(write({f"010-first/20-two/{script}.sh": "echo x\n"}))) != before


# The report


def test_the_report_remembers(data: Paths) -> None:
    report = Proofs()
    assert report.all() == {}
    report.note(Proof("010-first", "10-one", 1.23456), Versions("Docker 26.1.5", "rootfs-1", "abc"), NOW)
    report.note(
        Proof("010-first", "10-one", problem="check.sh hangs"), Versions("x", "y", "z"), NOW + timedelta(1)
    )
    report.note(
        Proof("010-first", "20-two", problem="was not reached", tried=False), Versions("", "", ""), NOW
    )
    assert Proofs().all() == {
        "010-first/10-one": proofs.Record(
            NOW, 1.235, "Docker 26.1.5", "rootfs-1", "abc", NOW + timedelta(1), "check.sh hangs"
        )
    }
    report.note(Proof("010-first", "10-one"), Versions("Docker 27", "rootfs-2", "def"), NOW + timedelta(2))
    assert report.all()["010-first/10-one"].failed is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"steps": [1]}', '{"steps": {"a/b": {"passed": 3}}}', '{"steps": {"a/b": {"new": 1}}}'],
)
def test_a_report_that_cannot_be_read_is_empty(data: Paths, text: str) -> None:
    data.proofs.write_text(text)
    assert Proofs().all() == {}
    Proofs().note(Proof("010-first", "10-one"), Versions("", "", ""), NOW)
    assert list(Proofs().all()) == ["010-first/10-one"]


def test_two_who_note_at_once(data: Paths) -> None:
    def note(number: int) -> None:
        for step in range(20):
            Proofs().note(Proof(f"{number:03}-x", f"{step}"), Versions("", "", ""), NOW)

    threads = [threading.Thread(target=note, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Proofs().all()) == 80


# Who is told


@pytest.fixture
def proven(content: Path, data: Paths) -> Lesson:
    """The good course's lesson, proven."""
    lesson = course.get().lessons[0]
    for step in ("10-one", "20-two"):
        versions = Versions("Docker 26.1.5", "rootfs-1", prove.fingerprint(lesson))
        Proofs().note(Proof("010-first", step), versions, NOW + timedelta(len(step)))
    return lesson


def home(client: Client) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/").content.decode()).split())


@pytest.mark.django_db
@pytest.mark.usefixtures("proven")
def test_readers_are_told_when_it_was_proven(client: Client, settings: Settings) -> None:
    assert "proven on 10 Mar 2026 with Docker 26.1.5" in home(client)
    settings.DEBUG = True
    assert "Not proven" not in home(client)


@pytest.mark.django_db
def test_a_failure_is_told_to_authors_only(client: Client, proven: Lesson, settings: Settings) -> None:
    Proofs().note(Proof("010-first", "20-two", problem="check.sh hangs"), Versions("", "", ""), NOW)
    assert "proven" not in home(client) and "hangs" not in home(client)
    settings.DEBUG = True
    assert "20-two failed: check.sh hangs" in home(client)


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["lesson", "sandboxes"])
def test_what_has_changed_must_be_proven_again(
    client: Client, proven: Lesson, data: Paths, settings: Settings, content: Path,
    monkeypatch: pytest.MonkeyPatch, change: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)
    if change == "lesson":
        with (content / "010-first/20-two/check.sh").open("a") as file:
            file.write("true\n")
    else:
        data.rootfs.unlink()
        (data.data / "rootfs-2").mkdir()
        data.rootfs.symlink_to(data.data / "rootfs-2")
    assert "proven" not in home(client)
    settings.DEBUG = True
    assert "Not proven as they are now: 10-one , 20-two" in home(client)


# The command


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("content")
def test_checklessons_run_notes_what_it_proves(
    rooms: Rooms, data: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "sandbox", rooms)
    said = StringIO()
    call_command("checklessons", "--run", "lessons/content/010-first/", "--jobs", "2", stdout=said)
    assert (
        len(
            re.findall(
                r"(?m)^010-first/\S+ +ok +\d+\.\d\d s  There is no file (?:one|two)\.$", said.getvalue()
            )
        )
        == 2
    )
    kept = json.loads(data.proofs.read_text())["steps"]["010-first/10-one"]
    assert (kept["engine"], kept["rootfs"], kept["failed"]) == ("Docker 26.1.5", "rootfs-1", None)
    assert Proofs().standings(course.get().lessons)["010-first"].proven is not None


@pytest.mark.django_db(transaction=True)
def test_a_check_that_passes_before_any_work_is_refused(
    write: Write, rooms: Rooms, data: Paths, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "sandbox", rooms)
    settings.LESSONS_CONTENT = write({"010-first/20-two/check.sh": "true\n"})
    with pytest.raises(CommandError) as caught:
        call_command("checklessons", "--run", stdout=StringIO())
    assert str(caught.value) == "010-first/20-two: check.sh passes before the work is done"
    assert Proofs().all()["010-first/20-two"].problem == "check.sh passes before the work is done"


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize("jobs", ["0", "17", "-1"])
def test_jobs_have_a_range(jobs: str) -> None:
    with pytest.raises(CommandError, match="give a whole number from 1 to 16"):
        call_command("checklessons", "--run", "--jobs", jobs, stdout=StringIO())
