"""Counting what happens too often, over all processes of the lab."""

from __future__ import annotations

from django.core.cache import cache


def within(key: str, limit: int, seconds: int) -> bool:
    """Count one event under `key`; whether there were at most `limit` since the first, for `seconds` at most."""
    cache.add(key, 0, timeout=seconds)
    try:
        return int(cache.incr(key)) <= limit
    except ValueError:  # it expired between the two calls
        return True
