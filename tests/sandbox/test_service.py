"""Claiming and starting over: what ends, what does not, and a full lab."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from pytest_django import Settings

from lab.celery import app
from sandbox import capacity, service
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_at_a_time(settings: Settings) -> Iterator[None]:
    cache.clear()
    settings.SANDBOX_LIMIT = 1
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    settings.DISK_RESERVE = 0
    before = app.conf.broker_url
    app.conf.broker_url = "memory://"
    yield
    app.conf.broker_url = before


def state(key: str) -> str:
    return str(Sandbox.objects.get(key=key).state)


def test_starting_over_in_a_full_lab() -> None:
    first = service.claim("ann", "docker")
    second = service.reset("ann", "docker")
    assert (state(first.key), state(second.key)) == (State.ENDING, State.PREPARING)
    third = service.reset("ann", "docker")  # while the first two are still on their way out
    assert (state(second.key), state(third.key)) == (State.ENDING, State.PREPARING)
    assert service.current("ann") == third


def test_claiming_while_ones_own_is_on_its_way_out() -> None:
    first = service.claim("ann", "docker")
    service.end(first.key)
    assert service.claim("ann", "docker").key != first.key


def test_what_others_have_counts() -> None:
    Sandbox.objects.create(owner="bob", profile="docker", state=State.ENDING)
    assert service.claim("ann", "docker").state == State.QUEUED


def test_operators_sandboxes_count_for_one_another() -> None:
    Sandbox.objects.create(owner="", profile="docker", state=State.READY)
    with pytest.raises(SandboxError):
        capacity.check_place("")


def test_nothing_ends_when_there_is_no_room_for_another() -> None:
    mine = service.claim("ann", "docker")
    Sandbox.objects.create(owner="bob", profile="docker", state=State.READY)
    with pytest.raises(SandboxError) as raised:
        service.reset("ann", "docker")
    assert raised.value.reason is Reason.CAPACITY
    assert state(mine.key) == State.PREPARING


def test_an_event_that_cannot_be_sent_is_logged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            "CONFIG": {"hosts": ["unix:///nowhere/redis.sock"]},
        }
    }
    with caplog.at_level(logging.WARNING):
        service.announce("key-1")
    assert "key-1" in caplog.text
