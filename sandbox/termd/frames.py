"""The binary frames of docs/protocol.md. `static/js/codec.js` is the same for browsers; both are tested on
tests/golden/frames.json."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct("!BIQ")
MAX_OFFSET = 2**53 - 1


class Type(IntEnum):
    OUTPUT = 0
    INPUT = 1
    ACK = 2


MAX_PAYLOAD = {Type.OUTPUT: 32768, Type.INPUT: 16384, Type.ACK: 0}


class FrameError(ValueError):
    """A frame that breaks the protocol; `reason` is short, type, epoch, offset, empty, oversized or payload,
    the first that applies in this order."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"malformed frame: {reason}")
        self.reason = reason


@dataclass(frozen=True)
class Frame:
    type: Type
    epoch: int
    offset: int
    payload: bytes


def encode(kind: Type, epoch: int, offset: int, payload: bytes = b"") -> bytes:
    """One frame as bytes. Raises FrameError."""
    _check(kind, epoch, offset, len(payload))
    return HEADER.pack(kind, epoch, offset) + payload


def decode(data: bytes) -> Frame:
    """One frame from bytes. Raises FrameError."""
    if len(data) < HEADER.size:
        raise FrameError("short")
    number, epoch, offset = HEADER.unpack_from(data)
    try:
        kind = Type(number)
    except ValueError:
        raise FrameError("type") from None
    _check(kind, epoch, offset, len(data) - HEADER.size)
    return Frame(kind, epoch, offset, data[HEADER.size :])


def _check(kind: Type, epoch: int, offset: int, size: int) -> None:
    if not 1 <= epoch < 2**32:
        raise FrameError("epoch")
    if not 0 <= offset <= MAX_OFFSET:
        raise FrameError("offset")
    if kind is Type.ACK:
        if size:
            raise FrameError("payload")
    elif size == 0:
        raise FrameError("empty")
    elif size > MAX_PAYLOAD[kind]:
        raise FrameError("oversized")
