"""The lab's services move out of the way of other programs, and stay where they are otherwise."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lab.paths import Paths
from sandbox import resolver, services
from sandbox.services import Services

ADDRESS = f"127.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}.9"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths(tmp_path)
    found.run.mkdir()
    return found


@pytest.fixture
def at() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def listen(stack: ExitStack, address: str, kind: socket.SocketKind, wanted: int = 0) -> int:
    """A program that has a port; which."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = stack.enter_context(socket.socket(family, kind))
    found.bind((address, wanted))
    if kind == socket.SOCK_STREAM:
        found.listen()
    return int(found.getsockname()[1])


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::"])
def test_a_port_that_another_program_has_everywhere_is_left_to_it(at: ExitStack, everywhere: str) -> None:
    taken = listen(at, everywhere, socket.SOCK_STREAM)
    found = services.choose(ADDRESS, Services(ADDRESS, registry=taken, resolver=taken))
    assert taken not in (found.registry, found.resolver)
    listen(at, ADDRESS, socket.SOCK_STREAM, found.registry)
    listen(at, ADDRESS, socket.SOCK_STREAM, found.resolver)


def test_names_are_asked_by_udp_too(at: ExitStack) -> None:
    taken = listen(at, "0.0.0.0", socket.SOCK_DGRAM)
    found = services.choose(ADDRESS, Services(ADDRESS, registry=taken, resolver=taken))
    assert found.registry == taken
    assert found.resolver != taken


def test_ports_are_kept_while_the_services_themselves_listen(at: ExitStack) -> None:
    mine = Services(ADDRESS, listen(at, ADDRESS, socket.SOCK_STREAM), listen(at, ADDRESS, socket.SOCK_DGRAM))
    assert services.choose(ADDRESS, mine) == mine
    listen(at, "127.0.0.1", socket.SOCK_STREAM, mine.registry)  # in nobody's way
    assert services.choose(ADDRESS, mine) == mine


def test_the_cache_has_a_port_only_where_it_is_wanted(at: ExitStack, paths: Paths) -> None:
    assert services.choose(ADDRESS).cache == 0
    taken = listen(at, "0.0.0.0", socket.SOCK_STREAM)
    found = services.choose(ADDRESS, Services(ADDRESS, cache=taken), cache=True)
    assert found.cache not in (0, taken)
    services.write(paths, found)
    assert services.read(paths) == found
    assert services.choose(ADDRESS, found).cache == 0


def test_what_another_address_had_does_not_count() -> None:
    old = Services("127.9.9.9", registry=1, resolver=2)
    assert services.choose(ADDRESS, old) == services.choose(ADDRESS)


def test_who_waits_hears_of_it(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    found = Services(ADDRESS, 1, 2)
    timer = threading.Timer(0.3, services.write, (paths, found))
    timer.start()
    assert services.wait(paths, pause=0.01) == found
    timer.join()
    assert capsys.readouterr().out == "waiting for the service address\n"
    assert paths.network_file.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("text", ["", "{", "[]", '{"address": "1.2.3.4"}', '{"address": 5, "registry": 1}'])
def test_what_is_half_written_or_old_is_nothing(paths: Paths, text: str) -> None:
    paths.network_file.write_text(text)
    assert services.read(paths) is None


def test_the_resolver_listens_where_it_was_told(paths: Paths) -> None:
    services.write(paths, Services(ADDRESS, 1, 4321))
    assert json.loads(paths.network_file.read_text())["resolver"] == 4321
    argv = resolver.command(services.wait(paths), internet=False)
    assert {f"--listen-address={ADDRESS}", "--port=4321"} <= set(argv)
