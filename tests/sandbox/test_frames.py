"""The frames' codec, on the golden frames that the browser's codec is tested on too, and on chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.termd.frames import HEADER, MAX_OFFSET, MAX_PAYLOAD, Frame, FrameError, Type, decode, encode

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "frames.json").read_text())
REASONS = ["short", "type", "epoch", "offset", "empty", "oversized", "payload"]
EPOCHS = st.integers(1, 2**32 - 1)
OFFSETS = st.integers(0, MAX_OFFSET)


def _bytes(entry: dict[str, Any]) -> bytes:
    fill = entry.get("fill", {"byte": "", "count": 0})
    return bytes.fromhex(entry["hex"] + fill["byte"] * fill["count"])


def _payloads(kind: Type) -> st.SearchStrategy[bytes]:
    return st.just(b"") if kind is Type.ACK else st.binary(min_size=1, max_size=200)


@pytest.mark.parametrize("entry", GOLDEN["valid"], ids=lambda entry: entry["name"])
def test_golden_frames(entry: dict[str, Any]) -> None:
    data = _bytes(entry)
    frame = decode(data)
    assert frame == Frame(Type[entry["type"]], entry["epoch"], entry["offset"], data[13:])
    assert encode(frame.type, frame.epoch, frame.offset, frame.payload) == data


@pytest.mark.parametrize("entry", GOLDEN["invalid"], ids=lambda entry: entry["name"])
def test_golden_mistakes(entry: dict[str, Any]) -> None:
    with pytest.raises(FrameError) as mistake:
        decode(_bytes(entry))
    assert mistake.value.reason == entry["reason"]


def test_the_golden_frames_cover_everything() -> None:
    assert {entry["reason"] for entry in GOLDEN["invalid"]} == set(REASONS)
    assert {entry["type"] for entry in GOLDEN["valid"]} == {kind.name for kind in Type}


@pytest.mark.parametrize(
    ("kind", "epoch", "offset", "size", "reason"),
    [
        (Type.INPUT, 0, 0, 1, "epoch"),
        (Type.INPUT, 2**32, 0, 1, "epoch"),
        (Type.OUTPUT, 1, MAX_OFFSET + 1, 1, "offset"),
        (Type.OUTPUT, 1, -1, 1, "offset"),
        (Type.OUTPUT, 1, 0, 0, "empty"),
        (Type.INPUT, 1, 0, MAX_PAYLOAD[Type.INPUT] + 1, "oversized"),
        (Type.ACK, 1, 0, 1, "payload"),
    ],
)
def test_what_cannot_be_encoded(kind: Type, epoch: int, offset: int, size: int, reason: str) -> None:
    with pytest.raises(FrameError) as mistake:
        encode(kind, epoch, offset, b"x" * size)
    assert mistake.value.reason == reason


@given(st.sampled_from(Type).flatmap(lambda kind: st.tuples(st.just(kind), EPOCHS, OFFSETS, _payloads(kind))))
def test_what_is_encoded_is_decoded(given_: tuple[Type, int, int, bytes]) -> None:
    assert decode(encode(*given_)) == Frame(*given_)


@given(
    st.one_of(
        st.binary(max_size=40),
        st.builds(
            lambda *fields: HEADER.pack(*fields[:3]) + fields[3],
            st.integers(0, 4),
            st.sampled_from([0, 1, 2**31, 2**32 - 1]),
            st.one_of(OFFSETS, st.integers(0, 2**64 - 1)),
            st.binary(max_size=8),
        ),
    )
)
def test_any_bytes_are_a_frame_or_a_mistake(data: bytes) -> None:
    try:
        frame = decode(data)
    except FrameError:
        return
    assert encode(frame.type, frame.epoch, frame.offset, frame.payload) == data
