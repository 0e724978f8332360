"""Behind a proxy with TLS: visitors can enter, and are told apart by what the proxy says."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from pytest_django import Settings

from lab import access, counters
from lab.paths import Paths
from lab.proxy import client_address

ROOT = Path(__file__).parents[2]
CODE = "the-code"
Configure = Callable[..., None]


def read_settings() -> ModuleType:
    """lab/settings.py as it reads the environment now."""
    spec = importlib.util.spec_from_file_location("fresh_settings", ROOT / "lab" / "settings.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Configure:
    """Has this process run with the settings that an environment gives."""

    def apply(**environment: str) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        module = read_settings()
        for name in ("TRUST_PROXY", "ACCESS_CODE_REQUIRED", "ALLOWED_HOSTS"):
            setattr(settings, name, getattr(module, name))
        for name in ("SECURE_PROXY_SSL_HEADER", "CSRF_TRUSTED_ORIGINS"):
            if hasattr(module, name):
                setattr(settings, name, getattr(module, name))

    cache.clear()
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.PATHS = Paths(tmp_path)
    settings.PATHS.code.write_text(CODE)
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    return apply


PROXY = {"LAB_TRUST_PROXY": "1", "LAB_HOSTS": "lab.example.org"}


def enter(forwarded: str = "203.0.113.7", code: str = CODE, origin: str = "https://lab.example.org") -> int:
    """The status that a visitor gets who comes through the proxy and enters a code."""
    client = Client(enforce_csrf_checks=True, HTTP_HOST="lab.example.org", REMOTE_ADDR="127.0.0.1")
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": forwarded}
    client.get("/enter", headers=headers)
    token = client.cookies["csrftoken"].value
    sent = {"code": code, "csrfmiddlewaretoken": token}
    answer = client.post("/enter", sent, headers={**headers, "Origin": origin})
    if answer.status_code == 302:
        assert answer.cookies[access.COOKIE]["secure"], "the cookie may go over plain HTTP"
    return int(answer.status_code)


def test_a_visitor_enters_through_the_proxy(configure: Configure) -> None:
    configure(**PROXY)
    assert enter() == 302
    assert enter(origin="https://evil.example.net") == 403


def test_without_the_setting_nobodys_word_is_taken(configure: Configure) -> None:
    configure(HOST="0.0.0.0", LAB_HOSTS="lab.example.org")
    assert enter() == 403
    assert client_address("127.0.0.1", "203.0.113.7") == "127.0.0.1"


def test_behind_a_proxy_the_code_is_asked_for_on_loopback_too(configure: Configure) -> None:
    configure(HOST="127.0.0.1", **PROXY)
    answer = Client(HTTP_HOST="lab.example.org").get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/enter?next=/")


def test_one_visitors_guesses_do_not_keep_another_out(configure: Configure) -> None:
    configure(**PROXY)
    for number in range(access.TRIES_PER_MINUTE):
        assert enter(f"198.51.100.{number}, 203.0.113.1", "wrong") == 403
    assert enter("198.51.100.99, 203.0.113.1") == 429, "the visitor's own word was taken"
    assert enter("203.0.113.2") == 302


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [("", "10.0.0.1"), ("203.0.113.1", "203.0.113.1"), ("1.1.1.1, 203.0.113.1 ", "203.0.113.1")],
)
def test_the_last_entry_counts(configure: Configure, forwarded: str, address: str) -> None:
    configure(**PROXY)
    assert client_address("10.0.0.1", forwarded) == address


def test_names_become_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TRUST_PROXY", "1")
    monkeypatch.setenv("LAB_HOSTS", "lab.example.org, .example.net, *")
    assert read_settings().CSRF_TRUSTED_ORIGINS == ["https://lab.example.org", "https://*.example.net"]


@pytest.mark.parametrize(("origin", "let_in"), [("lab.example.org", True), ("evil.example.net", False)])
def test_websockets_through_the_proxy(configure: Configure, origin: str, let_in: bool) -> None:
    configure(**PROXY)

    async def accept(scope: access.Scope, receive: object, send: Callable[..., Awaitable[None]]) -> None:
        await send({"type": "websocket.accept"})

    headers = [(b"host", b"lab.example.org"), (b"origin", f"https://{origin}".encode())]

    async def connects() -> bool:
        communicator = WebsocketCommunicator(access.SameOrigin(accept), "/ws/", headers)
        return bool((await communicator.connect())[0])

    assert async_to_sync(connects)() is let_in


def test_counting_begins_anew_when_the_count_expires_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [counters.within("x", 2, 60) for _ in range(3)] == [True, True, False]

    class Expired(LocMemCache):
        def add(self, *args: object, **kwargs: object) -> bool:
            return False

    monkeypatch.setattr(counters, "cache", Expired("expired", {}))
    assert counters.within("expired", 2, 60)
