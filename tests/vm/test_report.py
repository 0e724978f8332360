"""What the guest hands back is read rightly: a failure there must not look like a success here."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.vm.qemu import MachineError
from tests.vm.report import Case, read_cases, read_outcome

JUNIT = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest">
<testcase classname="tests.real.test_a" name="test_good" time="1.5" />
<testcase classname="tests.real.test_a" name="test_bad" time="0.5">
  <failure message="assert 1 == 2">line 7</failure></testcase>
<testcase classname="tests.real.test_a" name="test_torn" time="0"><error message="no setup">line 9</error></testcase>
<testcase classname="tests.real.test_a" name="test_not" time="0"><skipped message="no such thing" /></testcase>
</testsuite></testsuites>"""


def archive_with(folder: Path, **files: bytes) -> Path:
    """An archive as the agent writes it; `facts_json` becomes facts.json."""
    path = folder / "results.tar"
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"./{name.replace('_', '.')}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_failures_errors_and_skips_are_told_apart() -> None:
    assert list(read_cases(JUNIT)) == [
        Case("tests.real.test_a::test_good", 1.5),
        Case("tests.real.test_a::test_bad", 0.5, problem="assert 1 == 2\nline 7"),
        Case("tests.real.test_a::test_torn", 0.0, problem="no setup\nline 9"),
        Case("tests.real.test_a::test_not", 0.0, skipped="no such thing"),
    ]


def test_a_whole_archive_is_an_outcome(tmp_path: Path) -> None:
    archive = archive_with(
        tmp_path,
        facts_json=json.dumps({"status": 1, "init": "systemd"}).encode(),
        output_log=b"said\xff",
        journal_log=b"booted",
        junit_xml=JUNIT,
    )
    outcome = read_outcome(archive, tmp_path / "console.log")
    assert (outcome.status, outcome.output, outcome.journal) == (1, "said\ufffd", "booted")
    assert outcome.facts["init"] == "systemd"
    assert len(outcome.cases) == 4


def test_a_job_without_a_test_report_has_no_cases(tmp_path: Path) -> None:
    archive = archive_with(tmp_path, facts_json=b'{"status": -1}', output_log=b"", journal_log=b"")
    assert read_outcome(archive, tmp_path / "console.log").cases == ()


@pytest.mark.parametrize("content", [b"", b"half of an archive"])
def test_a_broken_archive_shows_the_consoles_end(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "results.tar").write_bytes(content)
    (tmp_path / "console.log").write_text("Kernel panic - not syncing\n")
    with pytest.raises(MachineError, match="Kernel panic"):
        read_outcome(tmp_path / "results.tar", tmp_path / "console.log")


def test_an_archive_without_facts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="without complete results"):
        read_outcome(archive_with(tmp_path, output_log=b"cut short"), tmp_path / "console.log")
