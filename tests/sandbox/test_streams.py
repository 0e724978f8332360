"""A command in a sandbox sees pipes where its caller has a terminal, and all that it wrote arrives."""

from __future__ import annotations

import os
import pty
import subprocess

from sandbox.streams import without_terminal


def test_a_terminal_is_never_passed_on() -> None:
    master, slave = pty.openpty()
    read, write = os.pipe()
    try:
        with without_terminal((slave, slave, write)) as given:
            assert not any(os.isatty(descriptor) for descriptor in given)
            assert given[2] == write
            os.write(master, b"typed\n")
            script = "read line; echo got $line; tty; echo error >&2"
            subprocess.run(
                ["sh", "-c", script], stdin=given[0], stdout=given[1], stderr=given[2], check=False
            )
        shown = b""
        while b"not a tty" not in shown:
            shown += os.read(master, 4096)
        assert b"got typed" in shown
        assert os.read(read, 100) == b"error\n"
    finally:
        for descriptor in (master, slave, read, write):
            os.close(descriptor)


def test_what_is_no_terminal_stays_as_it_is() -> None:
    read, write = os.pipe()
    with without_terminal((read, write, write)) as given:
        assert given == (read, write, write)
    os.close(read)
    os.close(write)
