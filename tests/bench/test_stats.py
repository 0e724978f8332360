"""The percentiles that every table rests on."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stats import percentile, summary

VALUES = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([5.0], 0, 5.0),
        ([5.0], 99, 5.0),
        ([1.0, 2.0], 50, 1.5),
        ([4.0, 1.0, 3.0, 2.0], 50, 2.5),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(n) for n in range(101)], 95, 95.0),
        ([float(n) for n in range(11)], 95, 9.5),
        ([10.0, 20.0, 30.0, 40.0], 95, 38.5),
    ],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


@given(VALUES)
def test_percentiles_rise_from_the_least_to_the_greatest(values: list[float]) -> None:
    found = [percentile(values, percent) for percent in (0, 50, 95, 99, 100)]
    assert found[0] == min(values) and found[-1] == max(values)
    assert all(
        before <= after or after == pytest.approx(before) for before, after in itertools.pairwise(found)
    )


@pytest.mark.parametrize(("values", "percent"), [([], 50.0), ([1.0], -1.0), ([1.0], 100.5)])
def test_nothing_and_nonsense_are_refused(values: list[float], percent: float) -> None:
    with pytest.raises(ValueError, match="percentiles need"):
        percentile(values, percent)


def test_summary() -> None:
    found = summary([1.0, 2.0, 3.0, 10.0])
    assert found == {
        "n": 4,
        "min": 1.0,
        "p50": 2.5,
        "p95": pytest.approx(8.95),
        "p99": pytest.approx(9.79),
        "max": 10.0,
        "mean": 4.0,
    }
