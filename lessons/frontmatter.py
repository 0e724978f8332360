"""Front matter: the YAML between two lines of `---` at the start of lesson.md and step.md.

The schema below is the only place that knows the keys; the loader and the authors' guide's test read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from lessons.problems import Report
from sandbox.drivers.base import PROFILES

FENCE = "---"


@dataclass(frozen=True)
class Key:
    """One key. `kind` is what a value must be; `check` gives a complaint about a value, or ''."""

    kind: str  # "text", "number" or "list"
    required: bool = False
    check: Callable[[Any], str] = lambda value: ""


def _minutes(value: int) -> str:
    return "" if 1 <= value <= 120 else "must be between 1 and 120"


def _profile(value: str) -> str:
    return "" if value in PROFILES else f"{value!r} is no profile; there is {', '.join(PROFILES)}"


def _engine(value: str) -> str:
    return "" if value == "stopped-ok" else "can only be stopped-ok"


def _short(limit: int) -> Callable[[str], str]:
    def check(value: str) -> str:
        return "" if len(value) <= limit else f"has {len(value)} characters; {limit} is the most"

    return check


LESSON: Mapping[str, Key] = {
    "title": Key("text", required=True, check=_short(70)),
    "summary": Key("text", required=True, check=_short(200)),
    "minutes": Key("number", required=True, check=_minutes),
    "profile": Key("text", required=True, check=_profile),
    "slides": Key("list", required=True),
    "needs": Key("list"),
    "part": Key("text", check=_short(40)),
}
STEP: Mapping[str, Key] = {
    "title": Key("text", required=True, check=_short(70)),
    "engine": Key("text", check=_engine),
    "slides": Key("list"),
    "repeats": Key("list"),
}

KINDS = {"text": "a text", "number": "a whole number", "list": "a list of texts"}


@dataclass(frozen=True)
class Page:
    """A file taken apart: checked values, each key's line, the text below and the line it starts on."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    body: str
    body_line: int


def parse(text: str, path: str, schema: Mapping[str, Key], report: Report) -> Page:
    """Take `text` apart. What is wrong goes to `report`; `values` then lacks the wrong keys."""
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != FENCE:
        report.add(path, 1, f"must begin with front matter between two lines of {FENCE}")
        return Page({}, {}, text, 1)
    end = next((number for number, line in enumerate(lines[1:], 2) if line.rstrip() == FENCE), None)
    if end is None:
        report.add(path, 1, f"the front matter has no closing line of {FENCE}")
        return Page({}, {}, "", len(lines))
    values, where = _values("\n".join(lines[1 : end - 1]), path, schema, report)
    return Page(values, where, "\n".join(lines[end:]) + "\n", end + 1)


def _values(
    source: str, path: str, schema: Mapping[str, Key], report: Report
) -> tuple[dict[str, Any], dict[str, int]]:
    values: dict[str, Any] = {}
    where: dict[str, int] = {}
    try:
        root = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        unended = "end of stream" in str(error.problem)  # then only the beginning says where
        mark = error.context_mark if unended and error.context_mark else error.problem_mark
        line = mark.line + 2 if mark else 1
        report.add(path, line, f"the front matter is not YAML: {error.problem}")
        return values, where
    except yaml.YAMLError as error:
        report.add(path, 1, f"the front matter is not YAML: {str(error).splitlines()[0]}")
        return values, where
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    if root is not None and not isinstance(root, yaml.MappingNode):
        report.add(path, root.start_mark.line + 2, "the front matter must be lines of `key: value`")
        return values, where
    for key_node, value_node in pairs:
        line = key_node.start_mark.line + 2
        name = str(key_node.value)
        if name in where:
            report.add(path, line, f"{name} is given twice")
            continue
        where[name] = line
        if name not in schema:
            report.add(path, line, f"unknown key {name}; there is {', '.join(schema)}")
            continue
        complaint, value = _value(schema[name], value_node)
        if complaint:
            report.add(path, line, f"{name} {complaint}")
        else:
            values[name] = value
    for name, key in schema.items():
        if key.required and name not in where:
            report.add(path, 1, f"{name} is missing: give {KINDS[key.kind]}")
    return values, where


def _value(key: Key, node: yaml.Node) -> tuple[str, Any]:
    """A complaint about the value, or '' and the value."""
    value = yaml.SafeLoader("").construct_object(node, deep=True)
    fits = {
        "text": lambda: isinstance(value, str) and bool(value.strip()),
        "number": lambda: isinstance(value, int) and not isinstance(value, bool),
        "list": lambda: (
            isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value)
        ),
    }
    if not fits[key.kind]():
        return f"must be {KINDS[key.kind]}", None
    complaint = key.check(value)
    return complaint, None if complaint else value
