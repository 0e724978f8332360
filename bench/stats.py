"""Percentiles of what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of all lie, linear between neighbours. Source: Hyndman and Fan (1996),
    definition 7, which is also NumPy's default. Raises ValueError for no values or a percentage out of range."""
    if not values or not 0 <= percent <= 100:
        raise ValueError("percentiles need at least one value and a percentage from 0 to 100")
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low, high = math.floor(place), math.ceil(place)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def summary(values: Sequence[float]) -> dict[str, float]:
    """Count, extremes, median, mean and the percentiles that the tables show."""
    return {
        "n": len(values),
        "min": min(values),
        "p50": percentile(values, 50),
        "p95": percentile(values, 95),
        "p99": percentile(values, 99),
        "max": max(values),
        "mean": math.fsum(values) / len(values),
    }
