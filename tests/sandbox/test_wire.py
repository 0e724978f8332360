"""Messages between the lab's own processes, over real sockets."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    one.settimeout(10)
    other.settimeout(10)
    with one, other:
        yield one, other


Ends = tuple[socket.socket, socket.socket]


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5))
def test_messages_arrive_as_they_were_sent(messages: list[wire.Message]) -> None:
    one, other = socket.socketpair()
    with one, other:
        for message in messages:
            wire.send(one, message)
        assert [wire.receive(other)[0] for _ in messages] == messages


def test_a_long_message_in_many_pieces(ends: Ends) -> None:
    message = {"text": "é" * 2_000_000}
    sender = threading.Thread(target=wire.send, args=(ends[0], message))
    sender.start()
    assert wire.receive(ends[1]) == (message, [])
    sender.join()


def test_byte_by_byte(ends: Ends) -> None:
    body = json.dumps({"op": "info"}).encode()

    def trickle() -> None:
        for byte in wire.LENGTH.pack(len(body)) + body:
            ends[0].sendall(bytes([byte]))

    sender = threading.Thread(target=trickle)
    sender.start()
    assert wire.receive(ends[1])[0] == {"op": "info"}
    sender.join()


def test_descriptors_come_with_their_message(ends: Ends, tmp_path: Path) -> None:
    files = [(tmp_path / str(number)).open("w+") for number in range(3)]
    wire.send(ends[0], {"n": 1}, tuple(file.fileno() for file in files))
    wire.send(ends[0], {"n": 2})
    wire.send(ends[0], {"n": 3}, (files[2].fileno(),))
    message, found = wire.receive(ends[1], 3)
    assert (message, len(found)) == ({"n": 1}, 3)
    for number, descriptor in enumerate(found):
        os.write(descriptor, f"{number}".encode())
        os.close(descriptor)
        assert (tmp_path / str(number)).read_text() == str(number)
    assert wire.receive(ends[1], 3) == ({"n": 2}, [])
    message, found = wire.receive(ends[1], 3)
    assert (message, len(found)) == ({"n": 3}, 1)
    os.close(found[0])
    for file in files:
        file.close()


def test_descriptors_that_nobody_asked_for_are_not_kept(ends: Ends) -> None:
    before = open_descriptors()
    wire.send(ends[0], {"n": 1}, (0, 1, 2))
    assert wire.receive(ends[1]) == ({"n": 1}, [])
    wire.send(ends[0], {"n": 2}, (0, 1, 2))
    _, found = wire.receive(ends[1], 1)
    assert len(found) <= 1
    for descriptor in found:
        os.close(descriptor)
    assert open_descriptors() == before


@pytest.mark.parametrize("sent", [b"", b"\x00\x00", b"\x00\x00\x00\x09", b'\x00\x00\x00\x09{"op": '])
def test_a_peer_that_leaves_early(ends: Ends, sent: bytes) -> None:
    ends[0].sendall(sent)
    ends[0].close()
    with pytest.raises(wire.Closed):
        wire.receive(ends[1])


@pytest.mark.parametrize("body", [b"[1]", b"5", b"null", b'"x"', b"{", b"", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_message(ends: Ends, body: bytes) -> None:
    before = open_descriptors()
    socket.send_fds(ends[0], [wire.LENGTH.pack(len(body)) + body], [0])
    with pytest.raises(ValueError):  # noqa: PT011 - json and codecs say it in their own words
        wire.receive(ends[1], 1)
    assert open_descriptors() == before, "its descriptor stayed open"


def test_a_peer_that_answers_and_leaves_at_once(ends: Ends, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have read everything, and gone, before `send` has returned."""
    together = socket.send_fds

    def slowly(connection: socket.socket, *rest: object) -> int:
        sent = together(connection, *rest)  # type: ignore[arg-type]
        message, descriptors = wire.receive(ends[1], 1)
        os.close(descriptors[0])
        ends[1].close()
        assert message == {"op": "attach"}
        return sent

    monkeypatch.setattr(socket, "send_fds", slowly)
    wire.send(ends[0], {"op": "attach"}, (0,))


def test_a_message_beyond_the_limit_is_not_read(ends: Ends) -> None:
    ends[0].sendall(wire.LENGTH.pack(wire.LIMIT + 1))
    with pytest.raises(ValueError, match="too long"):
        wire.receive(ends[1])


def test_a_message_at_the_limit_is_read(ends: Ends) -> None:
    message = {"x": "y" * (wire.LIMIT - 9)}
    sender = threading.Thread(target=wire.send, args=(ends[0], message))
    sender.start()
    assert wire.receive(ends[1])[0] == message
    sender.join()


def test_silence_is_a_timeout(ends: Ends) -> None:
    ends[1].settimeout(0.01)
    with pytest.raises(TimeoutError):
        wire.receive(ends[1])


def test_the_kernel_says_who_is_there(ends: Ends) -> None:
    assert wire.peer_uid(ends[0]) == os.getuid()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_the_kernel_says_it_of_another_user(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0lab-test-wire-" + tmp_path.name)
        listener.listen()
        script = f"import socket; socket.socket(socket.AF_UNIX).connect('\\0lab-test-wire-{tmp_path.name}')"
        subprocess.run([sys.executable, "-I", "-c", script], user=65534, check=True)
        connection, _ = listener.accept()
        with connection:
            assert wire.peer_uid(connection) == 65534
