"""Room on the disk: what is free, less the reserve, less what other sandboxes have been promised."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from pytest_django import Settings

from sandbox import capacity
from sandbox.capacity import DISK_EACH
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

pytestmark = pytest.mark.django_db(transaction=True)

RESERVE = 1 << 30
FULL = (Reason.CAPACITY, "The lab's disk is almost full")
Free = Callable[[int], None]


@pytest.fixture
def free(lab_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Free:
    """Sets how many bytes of the disk are free beyond the reserve."""
    lab_settings.DISK_RESERVE = RESERVE

    def set_free(size: int) -> None:
        found = SimpleNamespace(f_bavail=RESERVE + size, f_frsize=1)
        monkeypatch.setattr(os, "statvfs", lambda path: found)

    return set_free


def sandbox(owner: str, folder: Path, taken: int) -> None:
    """A sandbox that has taken so many bytes of a much larger disk."""
    made = Sandbox.objects.create(owner=owner, profile="docker", state=State.READY)
    image = folder / "sandboxes" / made.key / "disk.img"
    image.parent.mkdir(parents=True)
    with image.open("xb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, taken))
        file.truncate(8 << 30)


def has_room(owner: str = "ann") -> bool:
    try:
        capacity.check_room(owner)
    except SandboxError as error:
        return (error.reason, error.message.partition(";")[0]) != FULL
    return True


def test_the_reserve_is_kept(free: Free) -> None:
    free(DISK_EACH)
    assert has_room()
    free(DISK_EACH - 1)
    assert not has_room()


def test_what_was_promised_is_kept(free: Free, tmp_path: Path) -> None:
    sandbox("bob", tmp_path, 0)
    free(2 * DISK_EACH - (1 << 20))
    assert not has_room()
    free(2 * DISK_EACH)
    assert has_room()


def test_what_was_taken_is_promised_no_more(free: Free, tmp_path: Path) -> None:
    sandbox("bob", tmp_path, DISK_EACH // 4)
    free(2 * DISK_EACH - DISK_EACH // 4)
    assert has_room()
    free(2 * DISK_EACH - DISK_EACH // 4 - (1 << 20))
    assert not has_room()


def test_who_starts_over_gives_back_first(free: Free, tmp_path: Path) -> None:
    sandbox("ann", tmp_path, DISK_EACH // 4)
    free(DISK_EACH - DISK_EACH // 4)
    assert has_room("ann")
    assert not has_room("bob")
