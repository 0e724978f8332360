"""Fixtures of what needs the database; see web.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from sandbox import pool, service, sweeper
from tests.sandbox.hosts import HostDriver
from tests.sandbox.pools import pooled
from tests.sandbox.web import Daemon, Queue


@pytest.fixture
def driver(tmp_path: Path) -> HostDriver:
    (tmp_path / "sandboxes").mkdir()
    return HostDriver(tmp_path / "sandboxes")


@pytest.fixture
def lab_settings(settings: Settings, tmp_path: Path) -> Settings:
    """A data folder of its own, and events and counters inside this process."""
    settings.PATHS = type(settings.PATHS)(tmp_path)
    settings.PATHS.run_lab.mkdir(parents=True)
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }
    settings.DISK_RESERVE = 0
    return settings


@pytest.fixture
def daemon(lab_settings: Settings, driver: HostDriver) -> Iterator[Daemon]:
    found = Daemon(lab_settings.PATHS.sandboxd_socket, driver)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def queue(lab_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Queue:
    found = Queue()
    monkeypatch.setattr(service, "enqueue", found)
    return found


@pytest.fixture
def pool_of_two(lab_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that is refilled at once."""
    lab_settings.POOL_SIZE = {"docker": 2}
    lab_settings.POOL_REFILL = 1
    monkeypatch.setattr(pool, "CALM", timedelta(0))


@pytest.fixture
def filled(queue: Queue, pool_of_two: None) -> set[str]:
    """The keys of a full pool."""
    sweeper.sweep()
    queue.work()
    return pooled()
