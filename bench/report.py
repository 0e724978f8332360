"""Rows of results: as JSON for programs and as tables (Markdown) for people."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.stats import summary

FORMAT = 1


@dataclass(frozen=True)
class Figure:
    """What one thing took. Without `values` it could not be measured, and `note` says why."""

    what: str
    values: Sequence[float] = ()
    peer: bool = False
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        numbers = summary(self.values) if self.values else None
        return {"what": self.what, "peer": self.peer, "note": self.note, "summary": numbers}


@dataclass
class Row:
    """One question, the lab's answer and its peers'. `columns` are the statistics its table shows."""

    name: str
    title: str
    unit: str
    columns: tuple[str, ...] = ("p50", "p95")
    goal: str = ""
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    load: tuple[float, float, float] = field(default_factory=os.getloadavg)
    """The machine's load average when the row began: 1, 5 and 15 minutes."""

    def add(self, what: str, values: Sequence[float], *, peer: bool = False, note: str = "") -> None:
        self.figures.append(Figure(what, tuple(values), peer, note))

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "unit": self.unit,
            "goal": self.goal,
            "load": list(self.load),
            "figures": [figure.to_json() for figure in self.figures],
            "notes": self.notes,
        }

    def table(self) -> str:
        heads = ["", *self.columns, "n", "what it is"]
        lines = [[_name(figure), *_cells(figure, self.columns), figure.note] for figure in self.figures]
        goal = f" · goal: {self.goal}" if self.goal else ""
        load = " ".join(f"{value:.1f}" for value in self.load)
        parts = [
            f"### {self.title}",
            f"In {self.unit}{goal} · load when it began: {load}",
            grid([heads, *lines]),
        ]
        parts += [f"- {note}" for note in self.notes[:1]] if len(self.notes) == 1 else []
        parts += ["\n".join(f"- {note}" for note in self.notes)] if len(self.notes) > 1 else []
        return "\n\n".join(parts)


def document(machine: dict[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """Everything of one run, for `--json`."""
    return {"format": FORMAT, "machine": machine, "rows": [row.to_json() for row in rows]}


def grid(lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, aligned so that it reads well as text; the first line is its head."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    drawn.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(drawn)


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - len(str(int(abs(value)))) + 1) if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"


def _name(figure: Figure) -> str:
    return figure.what if figure.peer else f"**{figure.what}**"


def _cells(figure: Figure, columns: Sequence[str]) -> list[str]:
    if not figure.values:
        return ["–"] * (len(columns) + 1)
    found = summary(figure.values)
    return [*(number(found[column]) for column in columns), str(int(found["n"]))]
