"""What one visitor cannot do to another, or to the lab: over the network, as an attacker would try."""

from __future__ import annotations

import json
import struct
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from sandbox.termd.frames import Type, encode
from tests.real.learner import Learner, Message, Shell
from tests.running import Lab, running_lab, wait

pytestmark = pytest.mark.lab

PROTOCOL = "lab.terminal.1"
LIMIT = 2
ATTACH: Message = {"type": "attach", "version": 1, "cols": 80, "rows": 24, "writer": "w"}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab(LAB_SANDBOX_LIMIT=str(LIMIT)) as found:
        yield found


@pytest.fixture(scope="module")
def ann(lab: Lab) -> Learner:
    return Learner(lab)


@pytest.fixture(scope="module")
def path(ann: Learner) -> str:
    """Of Ann's terminal."""
    return f"/ws/terminal/{ann.claim()}/main"


@pytest.fixture(scope="module")
def bob(lab: Lab) -> Learner:
    return Learner(lab)


def close_code(socket: ClientConnection) -> int:
    """Read until the other side closes."""
    try:
        while True:
            socket.recv(timeout=20)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


def test_an_address_that_is_nobodys_is_refused_and_fills_no_log(lab: Lab, ann: Learner) -> None:
    before = len(lab.log())
    with pytest.raises(InvalidStatus) as refused, ann.connect("/ws/nothing/", PROTOCOL):
        pass
    assert refused.value.response.status_code == 403
    asked = urllib.request.Request(f"{lab.url}/", headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(asked, timeout=10)
    with answer.value as said:
        assert said.code == 400
    wait(lambda: "evil.example" in lab.log()[before:], "the line about the host")
    assert "Traceback" not in lab.log()[before:]


def test_a_sandbox_answers_only_its_owner(ann: Learner, bob: Learner, path: str) -> None:
    with bob.connect(path, PROTOCOL) as socket:
        assert close_code(socket) == 4401
    with ann.connect(path.replace("/main", "x/main"), PROTOCOL) as socket:
        assert close_code(socket) == 4404
    nobody = Learner.__new__(Learner)
    nobody.lab, nobody.cookie = ann.lab, ""
    with nobody.connect(path, PROTOCOL) as socket:
        assert close_code(socket) == 4401


@pytest.mark.parametrize("cookie", ["learner=made-up", "learner=x:y:z", "learner="])
def test_a_forged_cookie_is_nobody_s(ann: Learner, path: str, cookie: str) -> None:
    forger = Learner.__new__(Learner)
    forger.lab, forger.cookie = ann.lab, cookie
    with forger.connect(path, PROTOCOL) as socket:
        assert close_code(socket) == 4401
    with forger.connect(ann.channel_path) as socket:
        assert close_code(socket) == 4401


@pytest.mark.parametrize("origin", ["http://example.org", "http://127.0.0.1:1", "null", None])
def test_pages_of_other_origins_are_refused(ann: Learner, path: str, origin: str | None) -> None:
    for where in (path, ann.channel_path):
        with pytest.raises(InvalidStatus) as refused, ann.connect(where, PROTOCOL, origin=origin):
            pass
        assert refused.value.response.status_code == 403


def epoch(socket: ClientConnection) -> int:
    """Attach; the terminal's epoch."""
    socket.send(json.dumps(ATTACH))
    while not isinstance(said := socket.recv(timeout=20), str):
        pass
    return int(json.loads(said)["epoch"])


Attack = Callable[[ClientConnection, int], None]
ATTACKS: dict[str, Attack] = {
    "an unknown type": lambda socket, life: socket.send(b"\x07" + encode(Type.INPUT, life, 0, b"x")[1:]),
    "a short frame": lambda socket, life: socket.send(b"\x01\x00"),
    "an empty frame": lambda socket, life: socket.send(b""),
    "no input": lambda socket, life: socket.send(struct.pack("!BIQ", 1, life, 0)),
    "too much input": lambda socket, life: socket.send(struct.pack("!BIQ", 1, life, 0) + b"x" * 16_385),
    "a huge frame": lambda socket, life: socket.send(b"\x01" * (1 << 20)),
    "a huge text": lambda socket, life: socket.send("x" * (1 << 20)),
    "a gap": lambda socket, life: socket.send(encode(Type.INPUT, life, 1 << 40, b"x")),
    "an offset beyond what is exact": lambda socket, life: socket.send(
        struct.pack("!BIQ", 1, life, 1 << 60) + b"x"
    ),
    "an acknowledgement of the future": lambda socket, life: socket.send(encode(Type.ACK, life, 1 << 40)),
    "an acknowledgement with payload": lambda socket, life: socket.send(
        struct.pack("!BIQ", 2, life, 0) + b"x"
    ),
    "the server's own frame": lambda socket, life: socket.send(encode(Type.OUTPUT, life, 0, b"x")),
    "no JSON": lambda socket, life: socket.send("{"),
    "no object": lambda socket, life: socket.send("[]"),
    "deep JSON": lambda socket, life: socket.send("[" * 20_000),
    "an unknown message": lambda socket, life: socket.send('{"type": "format-disk"}'),
    "attaching twice": lambda socket, life: socket.send(json.dumps(ATTACH)),
    "an impossible size": lambda socket, life: socket.send('{"type": "resize", "cols": 0, "rows": 1e9}'),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_hostile_frame_closes_its_connection_and_is_logged_once(
    name: str, ann: Learner, path: str, lab: Lab
) -> None:
    before = len(complaints(lab))
    with ann.connect(path, PROTOCOL) as socket:
        ATTACKS[name](socket, epoch(socket))
        assert close_code(socket) == 4400
    wait(lambda: len(complaints(lab)) > before, "the line in the log", 5)
    shell = Shell(ann, path.split("/")[3])
    assert shell.command("echo on-$((1+1))") == "on-2"
    shell.close()
    assert len(complaints(lab)) == before + 1


@pytest.mark.parametrize(
    "hello",
    [
        "{",
        '{"type": "resize", "cols": 80, "rows": 24}',
        json.dumps({**ATTACH, "version": 2}),
        json.dumps({**ATTACH, "cols": "many"}),
        json.dumps({**ATTACH, "terminal": "other/main", "rows": -1}),
        json.dumps({**ATTACH, "epoch": -1}),
        json.dumps({**ATTACH, "writer": "x" * 1000}),
        b"\x01",
    ],
)
def test_a_wrong_first_message(hello: str | bytes, ann: Learner, path: str, lab: Lab) -> None:
    before = len(complaints(lab))
    with ann.connect(path, PROTOCOL) as socket:
        socket.send(hello)
        assert close_code(socket) == 4400
    wait(lambda: len(complaints(lab)) > before, "the line in the log", 5)
    assert len(complaints(lab)) == before + 1


def complaints(lab: Lab) -> list[str]:
    """The log's lines about pages that broke the protocol."""
    return [line for line in lab.log().splitlines() if "protocol" in line or "WebSocket" in line]


def test_the_terminal_s_name_for_another_s_is_of_no_use(ann: Learner, bob: Learner, path: str) -> None:
    """The page cannot name a terminal itself: the path does, and it is checked."""
    bob_s = f"/ws/terminal/{bob.claim()}/main"
    with bob.connect(bob_s, PROTOCOL) as socket:
        socket.send(json.dumps({**ATTACH, "terminal": "/".join(path.split("/")[3:])}))
        epoch_of_bob = json.loads(socket.recv(timeout=20))["epoch"]
    with ann.connect(path, PROTOCOL) as socket:
        assert epoch(socket) != epoch_of_bob


@pytest.mark.parametrize("said", ["{", "[]", b"\x00"])
def test_hostile_messages_on_the_lesson_channel(said: str | bytes, ann: Learner) -> None:
    with ann.connect(ann.channel_path) as socket:
        socket.send(said)
        assert close_code(socket) == 4400


@pytest.mark.parametrize("size", [5000, 900_000])
def test_a_long_message_on_the_lesson_channel_is_refused_in_a_sentence(size: int, ann: Learner) -> None:
    with ann.connect(ann.channel_path) as socket:
        socket.send(json.dumps({"type": "check", "step": "x" * size}))
        while (said := json.loads(socket.recv(timeout=20)))["type"] != "error":
            pass
        assert said["message"] == "That is too long to send; shorten it."
        socket.send(json.dumps({"type": "present"}))
        socket.ping().wait(20)


def test_in_a_full_lab_others_wait_and_those_inside_can_start_over(
    lab: Lab, ann: Learner, bob: Learner
) -> None:
    ann.claim()
    bob.claim()
    third = Learner(lab)
    said = third.ask({"type": "claim"}, lambda said: said.get("state") == "queued")
    assert said["queue"]["place"] == 1
    said = third.ask({"type": "reset"}, lambda said: said["type"] == "error")
    assert said["message"] == f"All {LIMIT} sandboxes of this lab are in use; try again in a few minutes."
    shell = Shell(ann, ann.reset())
    assert shell.command("echo fresh-$((1+1))") == "fresh-2"
    shell.close()
    third.ask({"type": "give-up"}, lambda said: said.get("state") == "left")


def test_claims_are_limited_for_each_learner(ann: Learner, bob: Learner) -> None:
    def start_over(learner: Learner) -> Message:
        before = learner.claim()

        def answered(said: Message) -> bool:
            fresh = said["type"] == "sandbox" and said["key"] != before
            return fresh or bool(said["type"] == "error")

        return learner.ask({"type": "reset"}, answered)

    for _ in range(20):
        if (said := start_over(ann))["type"] == "error":
            break
    assert "many sandboxes in a short time" in said["message"]
    assert "many sandboxes" not in start_over(bob)["message"]
