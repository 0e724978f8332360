"""What is printed in floods, and how: ASCII, UTF-8 and colours, each the same line over and over."""

from __future__ import annotations

import base64
import hashlib

FLOODS = {
    "ASCII": "The quick brown fox jumps over the lazy dog and 0123456789 more.\r\n",
    "UTF-8": "Größe 42 € · żółć · Ελληνικά · кириллица · 日本語のテキスト · 🐳 κόσμε\r\n",
    "colours": "\x1b[1;32mok\x1b[0m \x1b[38;5;208mlayer\x1b[0m \x1b[38;2;90;160;220mdeadbeef\x1b[0m "
    "\x1b[7;33m 42% \x1b[0m \x1b[4;35mnginx\x1b[24;39m \x1b[2mpulled\x1b[22m\r\n",
}


def whole(line: str, size: int) -> int:
    """The most bytes below `size` that are whole lines."""
    return size - size % len(line.encode())


def digest(line: str, size: int) -> str:
    """SHA-256, hexadecimal, of `size` bytes of that line repeated."""
    data = line.encode()
    found = hashlib.sha256()
    block = data * (1 + (1 << 20) // len(data))
    for start in range(0, size, len(block)):
        found.update(block[: size - start])
    return found.hexdigest()


def script(line: str, size: int) -> str:
    """A script for bash that prints READY, and then `size` bytes each time that a byte is typed.

    They come from a file, so that printing costs no more than `cat`; it has no name any more when they do, and so
    goes with the terminal.
    """
    packed = base64.b64encode(line.removesuffix("\n").encode()).decode()
    return (
        f'stty raw -echo; file=$(mktemp); line=$(printf %s {packed} | base64 -d); yes "$line" | head -c {size} >$file; '
        "exec 3<$file; rm $file; printf 'RE''ADY'; while [ \"$(head -c 1)\" ]; do cat /proc/$$/fd/3; done"
    )
