"""The registry behind the lab's cache of images, as the operator sets it. Standard library only: set-up reads
it before anything is installed."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+")
LOW, HIGH = 64, 1 << 24


@dataclass(frozen=True)
class Upstream:
    """`url` is scheme://host or scheme://host:port; `size` bounds what is kept, in bytes."""

    url: str
    size: int
    credentials: Path | None = None
    """A file with one line `user:password`."""

    @classmethod
    def from_env(cls) -> Upstream | None:
        """None where no cache is wanted. Raises ValueError with a sentence for a wrong value."""
        url = os.environ.get("LAB_REGISTRY_UPSTREAM", "").strip()
        return cls(_url(url), _size(), _credentials()) if url else None

    def login(self) -> tuple[str, str] | None:
        """User and password. Raises ValueError with a sentence, which never holds what the file does."""
        return read_login(self.credentials) if self.credentials else None


def read_login(file: Path) -> tuple[str, str]:
    """Raises ValueError with a sentence."""
    try:
        user, colon, password = file.read_text(encoding="utf-8").strip().partition(":")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"LAB_REGISTRY_CREDENTIALS: {file} cannot be read; name a file that can.") from None
    if not (user and colon and password) or "\n" in password:
        raise ValueError(
            f"LAB_REGISTRY_CREDENTIALS: {file} does not hold a user and a password; write one line user:password."
        )
    return user, password


def _url(text: str) -> str:
    wanted = "set it to an address such as https://registry-1.docker.io"
    parts = urlsplit(text)
    if parts.username is not None or parts.password is not None:  # not repeated: it holds a secret
        raise ValueError(
            "LAB_REGISTRY_UPSTREAM holds a user or a password; put them into a file that "
            "LAB_REGISTRY_CREDENTIALS names."
        )
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    plain = parts.path in ("", "/") and not parts.query and not parts.fragment
    if (
        parts.scheme not in ("http", "https")
        or not host
        or not HOST.fullmatch(host)
        or port == 0
        or not plain
    ):
        raise ValueError(f"LAB_REGISTRY_UPSTREAM is {text!r}; {wanted}, without a path.")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _size() -> int:
    raw = os.environ.get("LAB_REGISTRY_CACHE") or "10240"
    if not raw.isdecimal() or not LOW <= int(raw) <= HIGH:
        raise ValueError(f"LAB_REGISTRY_CACHE is {raw!r}; set it to MiB from {LOW} to {HIGH}.")
    return int(raw) << 20


def _credentials() -> Path | None:
    raw = os.environ.get("LAB_REGISTRY_CREDENTIALS")
    return Path(raw).absolute() if raw else None
