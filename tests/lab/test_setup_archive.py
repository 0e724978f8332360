"""The archive: what is written in one place is the same in another, and a wrong file is told in a sentence."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from lab.paths import Paths
from lab.setup.archive import pack, take
from lab.setup.errors import SetupError
from lab.setup.parts import Report
from lab.setup.store import Store


def quiet(done: int, total: int, note: str) -> None:
    """A report that nobody reads."""


@dataclass
class Tree:
    """A part: a program with a second name, a link, and enough bytes that a cut falls into them."""

    name: str
    text: str = "one"
    title: str = "A tree"

    def inputs(self) -> Iterable[bytes]:
        return [self.text.encode()]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        program = dest / "usr" / "bin" / "program"
        program.parent.mkdir(parents=True)
        program.write_bytes(self.text.encode() + os.urandom(300_000))
        program.chmod(0o4755)
        os.link(program, program.with_name("second"))
        (dest / "link").symlink_to("/nowhere")


@pytest.fixture(autouse=True)
def own_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_STORE", raising=False)


def filled(folder: Path, *parts: Tree) -> Store:
    store = Store(Paths(folder))
    with (folder.with_suffix(".log")).open("w") as log:
        for part in parts:
            store.ensure(part, quiet, log)
    return store


PARTS = (Tree("rootfs"), Tree("tools"))
VENV = Tree("venv")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An archive of PARTS and VENV, which lie in `first`."""
    written = tmp_path / "archive.tar.gz"
    pack(filled(tmp_path / "first", *PARTS, VENV), [*PARTS, VENV], written, quiet)
    return written


def test_another_store_gets_the_same_under_the_same_names(tmp_path: Path, file: Path) -> None:
    first, second = Store(Paths(tmp_path / "first")), Store(Paths(tmp_path / "second"))
    reports: list[tuple[int, int]] = []
    take(second, PARTS, [VENV], file, lambda done, total, note: reports.append((done, total)))
    assert {path.name for path in second.root.iterdir()} == {
        first.address(part).name for part in (*PARTS, VENV)
    }
    for part in PARTS:
        one, other = (store.address(part) / "usr/bin/program" for store in (first, second))
        assert one.read_bytes() == other.read_bytes()
        assert other.stat().st_mode & 0o7777 == 0o4755
        assert other.samefile(other.with_name("second"))
        assert (second.address(part) / "link").readlink() == Path("/nowhere")
    assert reports[-1][0] <= reports[-1][1]


def test_what_is_there_is_left_alone_and_needs_no_archive(tmp_path: Path, file: Path) -> None:
    second = filled(tmp_path / "second", PARTS[0])
    before = (second.address(PARTS[0]) / "usr/bin/program").read_bytes()
    take(second, PARTS, [], file, quiet)
    assert (second.address(PARTS[0]) / "usr/bin/program").read_bytes() == before
    assert second.address(PARTS[1]).is_dir() and not second.address(VENV).exists()
    take(second, PARTS, [], tmp_path / "nothing", quiet)


def test_packages_for_another_python_are_not_taken(tmp_path: Path, file: Path) -> None:
    second = Store(Paths(tmp_path / "second"))
    other = Tree("venv", "another python")
    take(second, PARTS, [other], file, quiet)
    assert not second.address(other).exists() and not second.address(VENV).exists()


def refused(store: Store, file: Path, *parts: Tree) -> str:
    """The sentence with which an archive is refused; nothing of it may stay."""
    with pytest.raises(SetupError) as caught:
        take(store, parts or PARTS, [], file, quiet)
    assert not store.root.exists() or list(store.root.iterdir()) == []
    assert caught.value.message.endswith(".") and str(file) in caught.value.message
    return caught.value.message


def test_a_wrong_archive_is_told_in_one_sentence(tmp_path: Path, file: Path) -> None:
    store = Store(Paths(tmp_path / "second"))
    content = file.read_bytes()
    wrong = tmp_path / "wrong.tar.gz"
    assert "There is no archive" in refused(store, wrong)
    for begin in (b"", b"hello", content[:100]):
        wrong.write_bytes(begin)
        assert "is no archive that `make tools-archive` has written" in refused(store, wrong)
    wrong.write_bytes(content[:-200_000])
    assert "is damaged or incomplete" in refused(store, wrong)
    middle = len(content) // 2
    wrong.write_bytes(content[:middle] + bytes(1000) + content[middle + 1000 :])
    assert "is damaged or incomplete" in refused(store, wrong)


def test_an_archive_of_another_version_or_machine_is_refused(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(Paths(tmp_path / "second"))
    said = refused(store, file, PARTS[0], Tree("tools", "two"))
    assert f"it holds {store.address(PARTS[1]).name}, and this one needs" in said
    assert "it holds no images" in refused(store, file, *PARTS, Tree("images"))
    ours = platform.machine()
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    assert f"is for {ours}, and this machine is vax" in refused(store, file)


def test_an_archive_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    first = filled(tmp_path / "first", *PARTS)
    file = Path("/dev/full/archive")
    with pytest.raises(NotADirectoryError):
        pack(first, PARTS, file, quiet)
    gone = tmp_path / "gone.tar.gz"
    (first.address(PARTS[1]) / "usr/bin/program").unlink()
    first.address(PARTS[1]).rename(tmp_path / "away")
    with pytest.raises(SetupError, match="could not be written"):
        pack(first, PARTS, gone, quiet)
    assert [path.name for path in tmp_path.glob("*gone*")] == []
