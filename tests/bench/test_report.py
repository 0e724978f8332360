"""What `make bench` writes for programs and shows to people."""

from __future__ import annotations

import json

import pytest

from bench import machine
from bench.report import Row, document, grid, number


@pytest.fixture
def row() -> Row:
    made = Row("echo", "Echo", "milliseconds", ("p50", "p99"), goal="≤ 2", load=(0.5, 0.25, 0.125))
    made.add("lab", [1.0, 2.0, 3.0], note="ours")
    made.add("raw PTY", [0.5], peer=True)
    made.add("ttyd", [], peer=True, note="not installed")
    return made


def test_json_has_each_figure_beside_its_peers(row: Row) -> None:
    found = json.loads(json.dumps(document({"cores": 2}, [row])))
    assert found["format"] == 1 and found["machine"] == {"cores": 2}
    (told,) = found["rows"]
    assert {name: told[name] for name in ("name", "title", "unit", "goal", "load", "notes")} == {
        "name": "echo",
        "title": "Echo",
        "unit": "milliseconds",
        "goal": "≤ 2",
        "load": [0.5, 0.25, 0.125],
        "notes": [],
    }
    lab, raw, ttyd = told["figures"]
    assert (lab["what"], lab["peer"], lab["note"]) == ("lab", False, "ours")
    assert lab["summary"]["n"] == 3 and lab["summary"]["p50"] == 2.0 and lab["summary"]["max"] == 3.0
    assert raw["peer"] and raw["summary"]["n"] == 1
    assert ttyd["summary"] is None and ttyd["note"] == "not installed"


def test_table(row: Row) -> None:
    lines = row.table().splitlines()
    assert lines[0] == "### Echo"
    assert "goal: ≤ 2" in lines[2] and "0.5 0.2 0.1" in lines[2]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:]]
    assert cells[0] == ["", "p50", "p99", "n", "what it is"]
    assert cells[2] == ["**lab**", "2.00", "2.98", "3", "ours"]
    assert cells[4] == ["ttyd", "–", "–", "–", "not installed"]
    assert len({len(line) for line in lines[4:]}) == 1


def test_notes_follow_the_table(row: Row) -> None:
    row.notes += ["one", "two"]
    assert row.table().endswith("\n\n- one\n- two")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, "0"), (0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (123.4, "123"), (12345.6, "12346")],
)
def test_number(value: float, expected: str) -> None:
    assert number(value) == expected


def test_grid_is_aligned() -> None:
    assert grid([["a", "long head"], ["wide cell", "b"]]) == (
        "| a         | long head |\n|-----------|-----------|\n| wide cell | b         |"
    )


def test_machine_facts_are_plain_json() -> None:
    found = json.loads(json.dumps(machine.facts({"ttyd": "1.7.7"})))
    assert found["cores"] >= 1 and found["cgroup"] in (1, 2) and len(found["load"]) == 3
    assert found["versions"]["ttyd"] == "1.7.7" and found["versions"]["uvicorn"]
    assert found["versions"]["daphne"] and found["versions"]["terminado"]
    assert found["kernel"] in machine.sentence(found)
