"""kind, where it cannot run and where it says that it can: programs of this test's own stand for it and for docker."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bench import kind

NOWHERE = "http://127.0.0.1:9/v2/"
Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Makes a program the only one of its name that is found."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return make


@pytest.fixture
def hub() -> Iterator[str]:
    """A registry that asks for a login."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(int(self.path.strip("/")))
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_that_is_missing_is_told(program: Program) -> None:
    values, why = kind.create(2, NOWHERE)
    assert values == []
    for part in ("no program kind", "no program docker", "kindest/node cannot be fetched", "refused"):
        assert part in why


def test_an_engine_that_does_not_answer(program: Program, hub: str) -> None:
    program("kind", "exit 0")
    program("docker", "echo Cannot connect >&2; exit 1")
    assert kind.missing(f"{hub}/401") == "no Docker engine answers (Cannot connect)"
    assert "answers 403" in kind.missing(f"{hub}/403")


def test_an_image_that_is_there_need_not_be_fetched(program: Program) -> None:
    program("kind", "exit 0")
    program("docker", "echo 29.1")
    assert kind.missing(NOWHERE) == ""


def test_clusters_are_counted_after_the_first_and_all_are_deleted(program: Program, tmp_path: Path) -> None:
    log = tmp_path / "log"
    program("docker", "echo 29.1")
    program("kind", f'echo "$1" "$4" >>{log}; [ "$1" = delete ] || /bin/sleep 0.1')
    values, _ = kind.create(2, NOWHERE)
    assert len(values) == 2 and all(0.1 <= value < 10 for value in values)
    done = [line.split() for line in log.read_text().splitlines()]
    assert [verb for verb, _ in done] == ["create", "delete"] * 3
    assert len({name for _, name in done}) == 3


def test_what_kind_says_when_it_fails(program: Program) -> None:
    program("docker", "echo 29.1")
    program("kind", '[ "$1" = delete ] || { echo "ERROR: no node image" >&2; exit 1; }')
    assert kind.create(2, NOWHERE) == ([], "cannot run here: kind says: ERROR: no node image")
