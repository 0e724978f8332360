"""The YAML inside a fenced block, taken apart with the line of every mistake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

Complain = Callable[[int, str], None]
"""Called with a line of the block, from 0, and what is wrong there."""

TEXT_LIMIT = 2000

WORDS = {
    "text": f"a text of at most {TEXT_LIMIT} characters",
    "number": "a number",
    "switch": "true or false",
    "scalar": "a text or a number",
    "list": "a list",
    "texts": "a list of texts",
}


@dataclass(frozen=True)
class Field:
    """One key: what its value must be (a key of WORDS) and whether it must be there."""

    kind: str
    required: bool = False


@dataclass(frozen=True)
class Body:
    """Checked values by key, and each key's line from 0. A list's values are pairs of line and YAML node."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def line(self, key: str) -> int:
        return self.lines.get(key, 0)


def parse(content: str, schema: Mapping[str, Field], complain: Complain) -> Body | None:
    """Read a block's body; None when it is no YAML mapping at all."""
    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        last = max(content.rstrip("\n").count("\n"), 0)
        complain(min(mark.line, last) if mark else 0, f"the block is not YAML: {error.problem}")
        return None
    except (yaml.YAMLError, RecursionError) as error:
        complain(0, f"the block is not YAML: {(str(error) or 'it is nested too deeply').splitlines()[0]}")
        return None
    if not isinstance(root, yaml.MappingNode):
        complain(0, "the block must be lines of `key: value`")
        return None
    return mapping(root, schema, complain)


def mapping(node: yaml.MappingNode, schema: Mapping[str, Field], complain: Complain) -> Body:
    """The checked values of one mapping; what is wrong is complained of and left out."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line
        name = str(key_node.value)
        if name in lines:
            complain(line, f"{name} is given twice")
            continue
        lines[name] = line
        if name not in schema:
            complain(line, f"unknown key {name}; there is {', '.join(schema)}")
            continue
        value = _value(schema[name].kind, value_node)
        if value is None:
            complain(line, f"{name} must be {WORDS[schema[name].kind]}")
        else:
            values[name] = value
    for name, field in schema.items():
        if field.required and name not in lines:
            complain(node.start_mark.line, f"{name} is missing: give {WORDS[field.kind]}")
    return Body(values, lines)


def _value(kind: str, node: yaml.Node) -> Any:
    """The node's value, or None when it is not of that kind."""
    if kind in ("list", "texts"):
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            return None
        if kind == "list":
            return [(item.start_mark.line, item) for item in node.value]
        texts = [_value("text", item) for item in node.value]
        return None if None in texts else texts
    if not isinstance(node, yaml.ScalarNode):
        return None
    value = yaml.SafeLoader("").construct_object(node)
    if kind == "switch":
        return value if isinstance(value, bool) else None
    if kind == "number":
        return _number(value)
    if kind == "scalar" and _number(value) is not None:
        return _number(value)
    if value is None or not node.value.strip() or len(node.value) > TEXT_LIMIT:
        return None
    return str(node.value).strip()  # as written: `text: 42` and `text: yes` are texts to an author


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    found = Decimal(str(value))
    return found if found.is_finite() else None
