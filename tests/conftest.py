"""For all tests: settings that need no set-up, read before Django is, and a database like the real one."""

from __future__ import annotations

import os

import pytest
from pytest_django import Settings

from sandbox.drivers.base import PROFILES

os.environ.setdefault("LAB_SECRET", "only-for-tests-" + "x" * 40)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A file, as in a running lab: threads that share a database in memory lock each other out at once."""
    from django.db import connections

    name = tmp_path_factory.mktemp("database") / "test.sqlite3"
    connections["default"].settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(autouse=True)
def without_redis_and_pool(settings: Settings) -> None:
    """Rate limits are counted, and pages are told, by Redis, which unit tests do without. Tests count sandboxes:
    only those about the pool have one."""
    settings.POOL_SIZE = dict.fromkeys(PROFILES, 0)
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
