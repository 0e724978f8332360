"""The ring, against plain bytes."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.termd.ring import Ring

CHUNKS = st.lists(st.binary(max_size=40), max_size=60)


@given(st.integers(1, 120), CHUNKS, st.data())
def test_it_holds_the_last_bytes(capacity: int, chunks: list[bytes], data: st.DataObject) -> None:
    ring, everything = Ring(capacity), b""
    ring.SMALL = data.draw(st.sampled_from([1, 16, 4096]))
    for chunk in chunks:
        ring.append(chunk)
        everything += chunk
        assert ring.end == len(everything)
        assert ring.start == max(0, len(everything) - capacity)
        offset = data.draw(st.integers(ring.start, ring.end))
        most = data.draw(st.integers(0, capacity + 5))
        assert ring.read(offset, most) == everything[offset : offset + most]
    assert ring.read(ring.start, capacity) == everything[ring.start :]


@pytest.mark.parametrize("offset", [-1, 2, 13])
def test_what_is_not_held_is_refused(offset: int) -> None:
    ring = Ring(9)
    ring.append(b"twelve bytes")
    assert ring.start == 3
    with pytest.raises(ValueError, match="outside"):
        ring.read(offset, 1)


def test_single_bytes_take_no_more_memory_than_many() -> None:
    """A program that prints byte by byte: a million small objects would be many times the ring."""
    ring = Ring(64 << 10)
    for _ in range(200_000):
        ring.append(b"x")
    held = sum(sys.getsizeof(chunk) for chunk in ring._chunks)
    assert held < 2 * ring.capacity
    assert ring.read(ring.start, 1 << 20) == b"x" * ring.capacity
