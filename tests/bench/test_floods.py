"""What floods print is what the client expects: the script is run by bash on a pipe, since a PTY changes nothing."""

from __future__ import annotations

import hashlib
import subprocess

import pytest

from bench.floods import FLOODS, digest, script, whole


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_whole_lines_of_the_expected_digest(kind: str) -> None:
    size = whole(FLOODS[kind], 3_000_000)
    done = subprocess.run(
        ["bash", "-c", script(FLOODS[kind], size)], input=b"xx", capture_output=True, check=False
    )
    head, ready, printed = done.stdout.partition(b"READY")
    assert (head, ready) == (b"", b"READY")
    assert len(printed) == 2 * size, "each byte typed prints it once"
    assert {hashlib.sha256(part).hexdigest() for part in (printed[:size], printed[size:])} == {
        digest(FLOODS[kind], size)
    }


def test_digest_of_less_than_a_block() -> None:
    assert digest("ab\n", 6) == hashlib.sha256(b"ab\nab\n").hexdigest()
    assert whole("ab\n", 8) == 6
