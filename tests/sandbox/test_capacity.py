"""Room on the disk: what is free, less the reserve, less what other sandboxes have been promised."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from lab import env
from sandbox import capacity
from sandbox.capacity import DISK_EACH
from sandbox.drivers.base import PROFILES
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

pytestmark = pytest.mark.django_db(transaction=True)

RESERVE = 1 << 30
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
    if capacity.has_disk(owner):
        capacity.check_disk(owner)
        return True
    with pytest.raises(SandboxError, match="The lab's disk is almost full") as refusal:
        capacity.check_disk(owner)
    return refusal.value.reason is not Reason.CAPACITY


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


def test_members_of_the_pool_keep_their_promise(free: Free, tmp_path: Path) -> None:
    sandbox("", tmp_path, 0)
    Sandbox.objects.update(state=State.POOLED)
    free(2 * DISK_EACH - (1 << 20))
    assert not has_room()


@pytest.mark.parametrize(
    ("total", "cores", "size"), [(4 << 30, 2, 6), (24 << 30, 2, 16), (512 << 30, 64, 512)]
)
def test_a_pool_s_size_follows_memory_and_cores(
    total: int, cores: int, size: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.POOL_SIZE, settings.SANDBOX_LIMIT = {}, 0
    monkeypatch.setattr(capacity, "_memory", lambda: total)
    monkeypatch.setattr(capacity, "PROFILES", ("docker",))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert capacity.pool_size("docker") == size
    settings.SANDBOX_LIMIT = 3
    assert capacity.pool_size("docker") == 3
    settings.POOL_SIZE = {"docker": 0}
    assert capacity.pool_size("docker") == 0


def test_the_kernel_s_count_of_free_memory_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < capacity._memory_free() <= capacity._memory()
    monkeypatch.setattr(capacity, "_memory_free", lambda: capacity.MEMORY_KEPT // 2 + (250 << 20))
    assert capacity.has_memory("docker")
    assert not capacity.has_memory("kubernetes")
    monkeypatch.setattr(capacity, "_memory_free", lambda: capacity.MEMORY_KEPT // 2)
    assert not capacity.has_memory("docker")


def test_where_there_are_clusters_all_places_are_for_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SANDBOX_LIMIT = 0
    monkeypatch.setattr(capacity, "_memory", lambda: 16 << 30)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(capacity, "offered", lambda: ["docker"])
    assert capacity.limit() == 38
    monkeypatch.setattr(capacity, "offered", lambda: ["docker", "kubernetes"])
    assert capacity.limit() == 27
    monkeypatch.setattr(capacity, "_memory", lambda: 24 << 30)
    assert capacity.limit() == 40, "enough for a class of thirty from one address, which may take four fifths"


@pytest.mark.parametrize(
    ("value", "sizes"),
    [
        ("", {}),
        ("0", {"docker": 0, "kubernetes": 0}),
        ("30", {"docker": 30, "kubernetes": 30}),
        ("docker=30", {"docker": 30}),
        ("kubernetes=30, docker=2", {"docker": 2, "kubernetes": 30}),
    ],
)
def test_the_setting_of_a_pool_s_size(
    value: str, sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_POOL_SIZE", value)
    assert env.amounts("LAB_POOL_SIZE", PROFILES, low=0, high=1000) == sizes


@pytest.mark.parametrize("value", ["-1", "1001", "many", "docker=", "docker=1001", "podman=3", "=3"])
def test_what_is_no_pool_s_size(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_POOL_SIZE", value)
    with pytest.raises(ImproperlyConfigured, match="set it to a whole number from 0 to 1000"):
        env.amounts("LAB_POOL_SIZE", PROFILES, low=0, high=1000)
