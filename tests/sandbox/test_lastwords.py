"""What is kept of a sandbox that failed: its own logs, and nothing that it only points at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandbox.drivers.namespace import lastwords
from sandbox.drivers.namespace.state import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "box")
    _logs(made).mkdir(parents=True)
    return made


def _logs(folder: Folder) -> Path:
    return folder.disk / "upper" / "var" / "log" / "lab"


def test_the_ends_of_plain_logs_and_of_svlogds_are_kept(folder: Folder, tmp_path: Path) -> None:
    (_logs(folder) / "dockerd.log").write_bytes(b"x" * lastwords.EACH + b"the end")
    (_logs(folder) / "kubelet").mkdir()
    (_logs(folder) / "kubelet" / "current").write_text("no node")
    kept = lastwords.keep(folder, "abcd", tmp_path / "kept")
    assert kept == tmp_path / "kept" / "abcd.log"
    said = kept.read_bytes()
    assert b"the end\n==> kubelet\nno node\n" in said
    assert len(said) < lastwords.EACH + 200
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_nothing_is_followed_out_of_the_sandbox(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("of the host")
    (_logs(folder) / "a.log").symlink_to(secret)
    (_logs(folder) / "b").mkdir()
    (_logs(folder) / "b" / "current").symlink_to(secret)
    (_logs(folder) / "c").symlink_to(tmp_path, target_is_directory=True)
    (_logs(folder) / "d" / "current" / "current").mkdir(parents=True)
    os.mkfifo(_logs(folder) / "e.log")
    assert lastwords.keep(folder, "abcd", tmp_path / "kept") is None


def test_folders_on_the_way_are_not_followed_either(folder: Folder, tmp_path: Path) -> None:
    (_logs(folder) / "a.log").write_text("of the host")
    other = Folder(tmp_path / "other")
    (other.disk / "upper").mkdir(parents=True)
    (other.disk / "upper" / "var").symlink_to(folder.disk / "upper" / "var")
    assert lastwords.keep(other, "abcd", tmp_path / "kept") is None


def test_the_oldest_go(folder: Folder, tmp_path: Path) -> None:
    (_logs(folder) / "a.log").write_text("said")
    for number in range(lastwords.LOGS + 5):
        file = lastwords.keep(folder, f"box-{number}", tmp_path / "kept")
        assert file
        os.utime(file, (number, number))
    left = sorted(int(path.stem.removeprefix("box-")) for path in (tmp_path / "kept").iterdir())
    assert left == list(range(5, lastwords.LOGS + 5))


def test_a_sandbox_that_was_never_begun_leaves_nothing(tmp_path: Path) -> None:
    assert lastwords.keep(Folder(tmp_path / "none"), "abcd", tmp_path / "kept") is None
