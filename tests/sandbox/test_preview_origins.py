"""Where previews open, in each of the ways that an operator can choose, and what settings are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from lab import env
from sandbox.preview import origins
from sandbox.preview.origins import Mode, Target

TARGET = Target("quick-otter-12", 8080)
Choose = Callable[..., None]


@pytest.fixture
def choose(settings: Settings) -> Choose:
    """Sets what an operator sets; the rest as it is by default."""

    def these(**given: object) -> None:
        usual = {
            "HOST": "127.0.0.1", "PORT": 8000, "PREVIEW_PORT": 8001, "PREVIEW_DOMAIN": "", "PREVIEW_PORTS": None,
            "TRUST_PROXY": False, "ALLOWED_HOSTS": ["*"],
        }  # fmt: skip
        for name, value in {**usual, **given}.items():
            setattr(settings, name, value)

    return these


@pytest.mark.parametrize(("given", "host", "secure", "origin", "sources"), [
    ({}, "127.0.0.1:8000", False,
     "http://8080-quick-otter-12.localhost:8001", ["http://*.localhost:8001"]),
    ({"HOST": "::1"}, "[::1]:8000", False,
     "http://8080-quick-otter-12.localhost:8001", ["http://*.localhost:8001"]),
    ({"PREVIEW_DOMAIN": "lab.example"}, "lab.example:8000", False,
     "http://8080-quick-otter-12.lab.example:8001", ["http://*.lab.example:8001"]),
    ({"PREVIEW_DOMAIN": "lab.example:8443"}, "lab.example", True,
     "https://8080-quick-otter-12.lab.example:8443", ["https://*.lab.example:8443"]),
    ({"PREVIEW_DOMAIN": "lab.example", "TRUST_PROXY": True}, "lab.example", True,
     "https://8080-quick-otter-12.lab.example", ["https://*.lab.example"]),
    ({"PREVIEW_PORTS": range(9000, 9002)}, "[fd00::1]:8000", False,
     "http://[fd00::1]:9001", ["http://[fd00::1]:9000", "http://[fd00::1]:9001"]),
])  # fmt: skip
def test_where_a_port_opens_and_what_the_page_may_show(
    choose: Choose, given: dict[str, object], host: str, secure: bool, origin: str, sources: list[str]
) -> None:
    choose(**given)
    assert origins.origin(TARGET, host=host, secure=secure, listening=9001) == origin
    assert origins.frame_sources(host, secure=secure) == sources
    if origins.mode() is not Mode.PORTS:
        assert origins.named(origin.partition("://")[2]) == TARGET


def test_beyond_loopback_without_a_domain_each_has_a_port(choose: Choose) -> None:
    choose(HOST="0.0.0.0")
    assert (origins.mode(), origins.ports(), origins.listen_on()) == (Mode.PORTS, origins.RANGE, "0.0.0.0")
    assert len(origins.frame_sources("lab.example:8000", secure=False)) == len(origins.RANGE)


def test_a_proxy_whose_names_nobody_said_shows_nothing(choose: Choose) -> None:
    choose(TRUST_PROXY=True)
    assert origins.mode() is Mode.OFF
    assert origins.frame_sources("lab.example", secure=True) == []


@pytest.mark.parametrize(("host", "address"), [
    ("127.0.0.1", "127.0.0.1"), ("127.0.0.2", "127.0.0.1"), ("localhost", "127.0.0.1"), ("::1", "::1"),
    ("192.0.2.7", "192.0.2.7"), ("::", "::"),
])  # fmt: skip
def test_the_preview_process_listens_where_its_names_lead(choose: Choose, host: str, address: str) -> None:
    choose(HOST=host)
    assert origins.listen_on() == address


@pytest.mark.parametrize("name", [
    "localhost:8001", "quick-otter-12.localhost", "0-quick-otter-12.localhost", "65536-quick-otter-12.localhost",
    "8080-quick-otter-12.localhost.evil.example", "8080-quick-otter-12.evil.example", "8080-a.b.localhost", "",
])  # fmt: skip
def test_names_that_stand_for_no_port(choose: Choose, name: str) -> None:
    choose()
    assert origins.named(name) is None


@pytest.mark.parametrize(("value", "found"), [
    ("", ""), (" Preview.Example.org ", "preview.example.org"), ("lab.example:8443", "lab.example:8443"),
])  # fmt: skip
def test_a_domain(monkeypatch: pytest.MonkeyPatch, value: str, found: str) -> None:
    monkeypatch.setenv("LAB_PREVIEW_DOMAIN", value)
    assert env.domain("LAB_PREVIEW_DOMAIN") == found


@pytest.mark.parametrize(
    "value", ["*.lab.example", "https://lab.example", "lab.example/", "lab..example", "a b"]
)
def test_no_domain(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LAB_PREVIEW_DOMAIN", value)
    with pytest.raises(ImproperlyConfigured, match="such as preview"):
        env.domain("LAB_PREVIEW_DOMAIN")


@pytest.mark.parametrize(("value", "found"), [
    ("", None), ("9000-9031", range(9000, 9032)), ("9000-9000", range(9000, 9001)),
    ("64536-65535", range(64536, 65536)),
])  # fmt: skip
def test_a_range_of_ports(monkeypatch: pytest.MonkeyPatch, value: str, found: range | None) -> None:
    monkeypatch.setenv("LAB_PREVIEW_PORTS", value)
    assert env.span("LAB_PREVIEW_PORTS") == found


@pytest.mark.parametrize(
    "value", ["9000", "9000-", "-9000", "9001-9000", "0-10", "65000-65536", "1-1001", "a-b", "9000-9001-9002"]
)
def test_no_range_of_ports(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("LAB_PREVIEW_PORTS", value)
    with pytest.raises(ImproperlyConfigured, match="such as 9000-9031"):
        env.span("LAB_PREVIEW_PORTS")
