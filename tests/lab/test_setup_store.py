"""The content-addressed store: what is built, what is kept, what a failure leaves."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from lab.paths import Paths
from lab.setup import store as store_module
from lab.setup.errors import SetupError
from lab.setup.parts import Report
from lab.setup.store import Store, names_in_use, remove


@dataclass
class Note:
    """A part: one file with a text."""

    text: str = "one"
    name: str = "note"
    title: str = "Note"
    fails: Callable[[Path], None] | None = None

    def inputs(self) -> Iterable[bytes]:
        return [self.text.encode()]

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        report(0, 1, "writing")
        (dest / "text").write_text(self.text)
        if self.fails:
            self.fails(dest)


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.delenv("LAB_STORE", raising=False)
    return Store(Paths(tmp_path / "data"))


@pytest.fixture
def ensure(store: Store, tmp_path: Path) -> Callable[[Note], bool]:
    def build(part: Note) -> bool:
        with (tmp_path / "log").open("w") as log:
            return store.ensure(part, lambda done, total, note: None, log)

    return build


Ensure = Callable[[Note], bool]


def test_a_part_is_built_once_and_again_when_an_input_changes(store: Store, ensure: Ensure) -> None:
    assert ensure(Note("one")) is True
    assert ensure(Note("one")) is False
    assert ensure(Note("two")) is True
    assert (store.address(Note("two")) / "text").read_text() == "two"
    assert store.address(Note("one")) != store.address(Note("two"))


def test_the_address_tells_apart_inputs_that_read_the_same_when_joined(store: Store) -> None:
    class Pair(Note):
        def inputs(self) -> Iterable[bytes]:
            return self.text.encode().split(b"|")

    assert store.address(Pair("ab|c")) != store.address(Pair("a|bc"))


def test_others_can_read_what_is_built(store: Store, ensure: Ensure) -> None:
    ensure(Note())
    assert store.address(Note()).stat().st_mode & 0o777 == 0o755


def test_a_failed_build_leaves_nothing(store: Store, ensure: Ensure) -> None:
    def fail(dest: Path) -> None:
        raise SetupError("It fails")

    with pytest.raises(SetupError, match="It fails"):
        ensure(Note(fails=fail))
    assert [entry.name for entry in store.root.iterdir() if not entry.name.endswith(".lock")] == []
    assert ensure(Note()) is True


def test_a_full_disk_is_said_in_one_sentence_and_leaves_nothing(store: Store, ensure: Ensure) -> None:
    def fill(dest: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(dest))

    with pytest.raises(SetupError, match=r"^The disk that holds .* is full; free some space"):
        ensure(Note(fails=fill))
    assert not store.address(Note()).exists()


def test_too_little_room_is_said_before_anything_is_built(
    store: Store, ensure: Ensure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "space", lambda part: 1 << 60)
    with pytest.raises(SetupError, match="GiB of free disk"):
        ensure(Note(fails=lambda dest: pytest.fail("it was built")))


def test_switching_replaces_the_link_and_says_whether_it_changed(store: Store, ensure: Ensure) -> None:
    for text, changed in (("one", True), ("one", False), ("two", True)):
        ensure(Note(text))
        assert store.switch(Note(text)) is changed
        assert (store.paths.current / "note" / "text").read_text() == text
    assert sorted(link.name for link in store.paths.current.iterdir()) == ["note"]


def test_pruning_keeps_the_current_entry_and_the_one_before(store: Store, ensure: Ensure) -> None:
    for number, text in enumerate(("one", "two", "three")):
        ensure(Note(text))
        store.switch(Note(text))
        os.utime(store.address(Note(text)), (number, number))
    ensure(Note("x", name="note-dev"))
    gone = store.prune("note")
    assert gone == [store.address(Note("one")).name]
    left = {
        store.address(Note("two")),
        store.address(Note("three")),
        store.address(Note("x", name="note-dev")),
    }
    assert {entry for entry in store.root.iterdir() if entry.is_dir()} == left


def test_pruning_spares_what_a_process_stands_in(store: Store, ensure: Ensure) -> None:
    for number, text in enumerate(("one", "two", "three")):
        ensure(Note(text))
        store.switch(Note(text))
        os.utime(store.address(Note(text)), (number, number))
    oldest = store.address(Note("one"))
    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], cwd=oldest, stdin=subprocess.PIPE)
    try:
        assert oldest.name in names_in_use(store.root)
        assert store.prune("note") == []
    finally:
        sleeper.communicate(b"\n")
    assert store.prune("note") == [oldest.name]


@pytest.mark.real
def test_removing_a_folder_spares_what_is_mounted_below_it(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (tmp_path / "building" / "dev").mkdir(parents=True)
    subprocess.run(["mount", "--bind", precious, tmp_path / "building" / "dev"], check=True)
    remove(tmp_path / "building")
    assert (precious / "file").exists()
    assert not (tmp_path / "building").exists()
