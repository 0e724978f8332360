"""What the code reads and the operators' guide says must be the same."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "operators.md"

INTERNAL = {
    "LAB_PROCESS",  # names a process in the log
    "LAB_TIME_FACTOR",  # tests on slow machines
    "LAB_VM_TESTS",  # which tests the virtual machine runs
    "LAB_IMAGES_ENTRY",  # tells one process of another's restart
    "LAB_PROFILE",  # inside sandboxes
    "LAB_RUN",  # inside sandboxes: marks what a command started
}


def _read_by_the_code() -> set[str]:
    found: set[str] = set()
    for package in ("lab", "sandbox", "lessons"):
        for path in (ROOT / package).rglob("*.py"):
            found.update(re.findall(r"[\"'](LAB_[A-Z_]+|HOST|PORT)[\"'=]", path.read_text()))
    return found - INTERNAL


def _documented() -> set[str]:
    return set(re.findall(r"^\| `(LAB_[A-Z_]+|HOST|PORT)` \|", GUIDE.read_text(), re.MULTILINE))


def test_every_setting_is_documented() -> None:
    missing = _read_by_the_code() - _documented()
    assert not missing, f"docs/operators.md does not say what {sorted(missing)} mean"


def test_every_documented_setting_is_read() -> None:
    gone = _documented() - _read_by_the_code()
    assert not gone, f"docs/operators.md tells of {sorted(gone)}, which nothing reads"


def test_links_between_documents_lead_somewhere() -> None:
    documents = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
        if not (document.parent / target).exists()
    ]
    assert not broken, broken
