"""How a learner has arranged the terminals of a sandbox: which there are, what they are called, where they stand.

    {"tabs": [{"name": "main", "title": "Terminal 1", "pane": 0},
              {"name": "t2", "title": "Server", "pane": 1},
              {"name": "port-8080", "title": "Port 8080", "pane": 1, "port": 8080}],
     "shown": ["main", "t2"], "direction": "row", "share": 0.5}

`tabs` are in their order; one with a `port` shows a preview, any other is a terminal. `shown` is the tab in front in
each pane: one pane, or two beside (`row`) or above (`column`) each other, of which the first takes `share`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sandbox.errors import Reason, SandboxError

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAME_LENGTH = 40
TITLE_LENGTH = 40
TERMINALS = 8
PREVIEWS = 4
DIRECTIONS = ("row", "column")

Layout = dict[str, Any]


def check(value: Any) -> Layout:
    """The layout, if it is one. Raises SandboxError (INVALID) for anything else."""
    layout = _fields(value, {"tabs", "shown", "direction", "share"})
    tabs, shown, share = layout["tabs"], layout["shown"], layout["share"]
    if not isinstance(tabs, list) or not isinstance(shown, list) or len(shown) not in (1, 2):
        raise _invalid("tabs or shown")
    for tab in tabs:
        _check_tab(tab, len(shown))
    panes = {tab["name"]: tab["pane"] for tab in tabs}
    previews = sum("port" in tab for tab in tabs)
    if len(panes) < len(tabs):
        raise _invalid("names")
    if previews > PREVIEWS or not 1 <= len(tabs) - previews <= TERMINALS:
        raise _invalid("number of tabs")
    if any(not isinstance(name, str) or panes.get(name) != pane for pane, name in enumerate(shown)):
        raise _invalid("shown")
    if layout["direction"] not in DIRECTIONS:
        raise _invalid("direction")
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        raise _invalid("share")
    return layout


def for_another(layout: Layout | None) -> Layout | None:
    """The same arrangement for a fresh sandbox, in which no port is published yet."""
    if layout is None:
        return None
    tabs = [tab for tab in layout["tabs"] if "port" not in tab]
    left = sorted({tab["pane"] for tab in tabs})
    tabs = [{**tab, "pane": left.index(tab["pane"])} for tab in tabs]
    first = [next(tab["name"] for tab in tabs if tab["pane"] == pane) for pane in range(len(left))]
    here = {tab["name"] for tab in tabs}
    shown = [layout["shown"][pane] for pane in left]
    shown = [name if name in here else first[pane] for pane, name in enumerate(shown)]
    return {**layout, "tabs": tabs, "shown": shown}


def _check_tab(tab: Any, panes: int) -> None:
    _fields(tab, {"name", "title", "pane"}, {"port"})
    name, title, pane = tab["name"], tab["title"], tab["pane"]
    if not isinstance(name, str) or len(name) > NAME_LENGTH or not NAME.fullmatch(name):
        raise _invalid("name")
    if not isinstance(title, str) or not 1 <= len(title) <= TITLE_LENGTH or title != title.strip():
        raise _invalid("title")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in title):
        raise _invalid("title")
    if not isinstance(pane, int) or isinstance(pane, bool) or not 0 <= pane < panes:
        raise _invalid("pane")
    port = tab.get("port", 1)
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= 65535:
        raise _invalid("port")


def _fields(value: Any, needed: set[str], others: frozenset[str] | set[str] = frozenset()) -> dict[str, Any]:
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | others:
        raise _invalid("fields")
    return value


def _invalid(what: str) -> SandboxError:
    said = "The arrangement of the terminals could not be kept; reload the page."
    return SandboxError(said, reason=Reason.INVALID, detail=what)
