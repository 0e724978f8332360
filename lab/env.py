"""Readers of the environment that are loud: a wrong value stops the start and says how to mend it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    """The variable's value; the default when it is unset or empty."""
    return os.environ.get(name) or default


def flag(name: str, default: bool) -> bool:
    """A yes or no. Raises ImproperlyConfigured for anything else."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    if raw.strip().lower() in TRUE:
        return True
    if raw.strip().lower() in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {raw!r}; set it to 1 or 0.")


def integer(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number from low to high. Raises ImproperlyConfigured otherwise."""
    raw = os.environ.get(name) or str(default)
    try:
        value = int(raw)
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise ImproperlyConfigured(f"{name} is {raw!r}; set it to a whole number from {low} to {high}.")
    return value


def amounts(name: str, words: Sequence[str], *, low: int, high: int) -> dict[str, int]:
    """A whole number from low to high for each of `words`, or for some of them as `one=3,other=5`; what is not named
    is left out. Raises ImproperlyConfigured otherwise."""
    raw = os.environ.get(name, "").strip()
    found: dict[str, int] = {}
    for part in filter(None, raw.replace(",", " ").split()):
        word, equal, number = part.rpartition("=")
        if not number.isdecimal() or not low <= int(number) <= high or (equal and word not in words):
            example = ",".join(f"{word}={high // 50}" for word in words)
            raise ImproperlyConfigured(
                f"{name} is {raw!r}; set it to a whole number from {low} to {high}, or to several such as {example}."
            )
        found |= dict.fromkeys([word] if equal else words, int(number))
    return found


def choice(name: str, default: str, *others: str) -> str:
    """One of some words. Raises ImproperlyConfigured for anything else."""
    value = text(name, default).strip().lower()
    if value not in (default, *others):
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to {' or '.join((default, *others))}.")
    return value


def domain(name: str) -> str:
    """A domain, with a port or without, in small letters; empty when unset. Raises ImproperlyConfigured."""
    value = os.environ.get(name, "").strip().lower()
    if value and not DOMAIN.fullmatch(value):
        raise ImproperlyConfigured(f"{name} is {value!r}; set it to a domain such as preview.example.org.")
    return value


def span(name: str) -> range | None:
    """A range of ports such as 9000-9031; None when unset. Raises ImproperlyConfigured."""
    raw = os.environ.get(name, "").strip()
    if not raw:
        return None
    first, dash, last = raw.partition("-")
    if dash and first.isdecimal() and last.isdecimal() and 0 < int(first) <= int(last) < 65536:
        found = range(int(first), int(last) + 1)
        if len(found) <= 1000:
            return found
    raise ImproperlyConfigured(f"{name} is {raw!r}; set it to at most 1,000 ports such as 9000-9031.")


def listing(name: str) -> list[str]:
    """A comma-separated list without empty parts."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def origins(name: str) -> list[str]:
    """The https origins of a list of hosts, where `.example.org` stands for all names below it."""
    hosts = [host for host in listing(name) if host != "*"]
    return [f"https://*{host}" if host.startswith(".") else f"https://{host}" for host in hosts]
