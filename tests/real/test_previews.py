"""Previews of a program in a real sandbox, in each of the ways that an operator can choose."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from urllib.parse import urlsplit

import pytest

from tests.real.learner import Learner
from tests.running import Lab, running_lab, wait

pytestmark = pytest.mark.lab

SIZE = 50 << 20
INSIDE = 8080
PROGRAM = f"""
import hashlib, http.server

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        count = 50 if self.path == "/all" else 10_000
        self.send_response(200)
        self.send_header("Content-Length", str(count << 20))
        self.end_headers()
        for number in range(count):
            self.wfile.write(bytes([number % 251]) * (1 << 20))

    def do_PUT(self):
        digest, left = hashlib.sha256(), int(self.headers["Content-Length"])
        while left:
            piece = self.rfile.read(min(left, 1 << 20))
            digest.update(piece)
            left -= len(piece)
        body = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

http.server.ThreadingHTTPServer(("127.0.0.1", {INSIDE}), Handler).serve_forever()
"""
WAYS = {
    "localhost": {},
    "domain": {"LAB_PREVIEW_DOMAIN": "preview.test"},
    "ports": {"LAB_PREVIEW_PORTS": "28100-28115"},
}


@pytest.fixture(scope="module", params=WAYS)
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    with running_lab(**WAYS[request.param]) as found:
        yield found


class Preview:
    """A learner's browser at one port of their sandbox; it has entered."""

    def __init__(self, learner: Learner) -> None:
        status, body = asks(learner)
        assert status == HTTPStatus.OK, body
        self.origin = json.loads(body)["origin"]
        self.cookie = ""
        self._open: list[http.client.HTTPConnection | http.client.HTTPResponse] = []
        entered = self.request("GET", json.loads(body)["url"].removeprefix(self.origin))
        assert (entered.status, entered.headers["Location"]) == (HTTPStatus.SEE_OTHER, "/")
        self.cookie = entered.headers["Set-Cookie"].partition(";")[0]

    def request(self, method: str, path: str, body: bytes | None = None) -> http.client.HTTPResponse:
        where = urlsplit(self.origin)
        connection = http.client.HTTPConnection("127.0.0.1", where.port or 0, timeout=60)
        self._open.append(connection)
        cookie = {"Cookie": self.cookie} if self.cookie else {}
        connection.request(method, path, body, {"Host": where.netloc, **cookie})
        response = connection.getresponse()
        self._open.append(response)
        return response

    def leave(self) -> None:
        for each in self._open:
            each.close()


def asks(learner: Learner) -> tuple[int, bytes]:
    """What the lab answers to who wants the program's address."""
    where = urlsplit(learner.lab.url)
    headers = {"Cookie": learner.cookie, "Origin": learner.lab.url}
    with closing(http.client.HTTPConnection("127.0.0.1", where.port or 0, timeout=20)) as connection:
        connection.request("POST", f"/preview/{INSIDE}", b"", headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def start(lab: Lab, learner: Learner) -> str:
    """A sandbox in which the program runs; its key."""
    key = learner.claim()
    script = (
        f"cat >~/program.py <<'END'\n{PROGRAM}\nEND\nsetsid python3 ~/program.py >/dev/null 2>&1 </dev/null &"
    )
    assert lab.manage("sandbox", "run", key, "--", "sh", "-c", script).returncode == 0
    answers = ("sandbox", "run", key, "--", "nc", "-z", "127.0.0.1", str(INSIDE))
    wait(lambda: lab.manage(*answers).returncode == 0, "the program's start", 20)
    return key


def test_fifty_megabytes_each_way_for_the_owner_alone_until_the_end(
    lab: Lab, request: pytest.FixtureRequest
) -> None:
    ann, bob = Learner(lab), Learner(lab)
    key = start(lab, ann)
    preview = Preview(ann)
    request.addfinalizer(preview.leave)

    sent = os.urandom(SIZE)
    assert preview.request("PUT", "/", sent).read().decode() == hashlib.sha256(sent).hexdigest()
    expected = b"".join(bytes([number]) * (1 << 20) for number in range(SIZE >> 20))
    assert hashlib.sha256(preview.request("GET", "/all").read()).digest() == hashlib.sha256(expected).digest()

    status, said = asks(bob)
    assert (status, "no sandbox" in json.loads(said)["message"]) == (HTTPStatus.NOT_FOUND, True)
    mine, preview.cookie = preview.cookie, ""
    assert preview.request("GET", "/all").status == HTTPStatus.UNAUTHORIZED
    preview.cookie = mine

    endless = preview.request("GET", "/endless")
    assert len(endless.read(1 << 20)) == 1 << 20
    assert lab.manage("sandbox", "destroy", key).returncode == 0
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        endless.read()
    wait(lambda: preview_is_over(preview), "the preview's end", 10)

    start(lab, bob)
    another = Preview(bob)
    request.addfinalizer(another.leave)
    assert len(another.request("GET", "/all").read()) == SIZE


def preview_is_over(preview: Preview) -> bool:
    """Whether nothing of it is shown any more; in mode PORTS, that nobody listens there."""
    try:
        return preview.request("GET", "/all").status in (
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.GONE,
        )
    except ConnectionRefusedError:
        return True
