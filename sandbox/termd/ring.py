"""The last bytes that a terminal has printed, by their absolute offsets."""

from __future__ import annotations

from collections import deque


class Ring:
    """Holds the last `capacity` bytes appended; `start` and `end` are absolute offsets.

    Memory is taken only as it fills: chunks are kept as they came and joined when they are small.
    """

    SMALL = 4096

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.start = 0
        self.end = 0
        self._chunks: deque[bytearray] = deque()

    def append(self, data: bytes) -> None:
        """Add `data` at `end`; what is older than the capacity is forgotten."""
        if self._chunks and len(self._chunks[-1]) + len(data) <= self.SMALL:
            self._chunks[-1] += data
        else:
            self._chunks.append(bytearray(data))
        self.end += len(data)
        while self.end - self.start > self.capacity:
            excess = self.end - self.start - self.capacity
            first = self._chunks[0]
            if len(first) <= excess:
                self._chunks.popleft()
                self.start += len(first)
            else:
                del first[:excess]
                self.start += excess

    def read(self, offset: int, most: int) -> bytes:
        """Up to `most` bytes from `offset` on, which must lie between `start` and `end`."""
        if not self.start <= offset <= self.end:
            raise ValueError(f"offset {offset} is outside {self.start}…{self.end}")
        wanted = min(most, self.end - offset)
        parts: list[bytes] = []
        position = self.end
        for chunk in reversed(self._chunks):  # what is read is nearly always at the end
            position -= len(chunk)
            if position < offset + wanted:
                low = max(0, offset - position)
                parts.append(bytes(chunk[low : offset + wanted - position]))
            if position <= offset:
                break
        return b"".join(reversed(parts))
