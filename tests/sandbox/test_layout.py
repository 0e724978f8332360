"""Which arrangements of terminals are kept, and what a fresh sandbox takes over."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from sandbox import layout, service
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State


def good() -> dict[str, Any]:
    return {
        "tabs": [
            {"name": "main", "title": "Terminal 1", "pane": 0},
            {"name": "t2", "title": "Wörk ✓", "pane": 1},
            {"name": "port-8080", "title": "Port 8080", "pane": 1, "port": 8080},
        ],
        "shown": ["main", "port-8080"],
        "direction": "row",
        "share": 0.4,
    }


def many(terminals: int, previews: int = 0) -> dict[str, Any]:
    tabs: list[dict[str, Any]] = [{"name": f"t{n}", "title": "x", "pane": 0} for n in range(terminals)]
    tabs += [{"name": f"p{n}", "title": "x", "pane": 0, "port": 80 + n} for n in range(previews)]
    return {"tabs": tabs, "shown": [tabs[0]["name"]] if tabs else [], "direction": "column", "share": 1}


@pytest.mark.parametrize("value", [good(), many(1), many(8, 4)])
def test_what_is_kept(value: dict[str, Any]) -> None:
    assert layout.check(copy.deepcopy(value)) == value


def wrong(path: str, value: Any) -> dict[str, Any]:
    """The good layout with one thing in it replaced; `path` like `tabs.0.name`."""
    made = good()
    *way, last = path.split(".")
    place: Any = made
    for part in way:
        place = place[int(part) if part.isdigit() else part]
    place[int(last) if last.isdigit() else last] = value
    return made


@pytest.mark.parametrize(
    "value",
    [
        None, [], "x", 7, {}, many(0), many(9), many(0, 1), many(1, 5),
        wrong("more", 1), wrong("tabs", {}), wrong("tabs.0", None), wrong("tabs.0.colour", "red"),
        wrong("tabs.0.name", "../x"), wrong("tabs.0.name", "Main"), wrong("tabs.0.name", ""),
        wrong("tabs.0.name", "a" * 41), wrong("tabs.0.name", 5), wrong("tabs.1.name", "main"),
        wrong("tabs.0.title", ""), wrong("tabs.0.title", " x"), wrong("tabs.0.title", "x" * 41),
        wrong("tabs.0.title", "a\nb"), wrong("tabs.0.title", "a\x1b"), wrong("tabs.0.title", "\ud800"),
        wrong("tabs.0.title", None), wrong("tabs.0.pane", 2), wrong("tabs.0.pane", -1),
        wrong("tabs.0.pane", True), wrong("tabs.0.pane", 0.0), wrong("tabs.2.port", 0),
        wrong("tabs.2.port", 65536), wrong("tabs.2.port", "80"), wrong("tabs.2.port", None),
        wrong("shown", []), wrong("shown", ["main"]), wrong("shown", ["main", "main"]),
        wrong("shown", ["main", "t2", "t2"]), wrong("shown", ["main", "other"]), wrong("shown", ["main", []]),
        wrong("direction", "diagonal"), wrong("direction", None), wrong("direction", []),
        wrong("share", -0.1), wrong("share", 1.1), wrong("share", True), wrong("share", "0.5"),
        wrong("share", float("nan")), wrong("share", None),
    ],
)  # fmt: skip
def test_what_is_refused(value: Any) -> None:
    with pytest.raises(SandboxError) as refused:
        layout.check(value)
    assert refused.value.reason is Reason.INVALID


def test_a_fresh_sandbox_has_the_terminals_and_no_preview() -> None:
    expected = {**good(), "tabs": good()["tabs"][:2], "shown": ["main", "t2"]}
    assert layout.for_another(good()) == layout.check(expected)
    alone = wrong("tabs.0", {"name": "port-80", "title": "x", "pane": 0, "port": 80})
    alone["shown"] = ["port-80", "t2"]
    taken = layout.for_another(alone)
    assert taken is not None and layout.check(taken)["shown"] == ["t2"]
    assert [tab["pane"] for tab in taken["tabs"]] == [0]
    assert layout.for_another(None) is None


@pytest.mark.django_db
def test_only_the_owner_arranges_what_is_alive() -> None:
    mine = Sandbox.objects.create(owner="ann", profile="docker", state=State.READY)
    assert service.state_message(mine)["layout"] is None
    service.arrange("ann", mine.key, good())
    mine.refresh_from_db()
    assert service.state_message(mine)["layout"] == good()
    for owner, key in (("bob", mine.key), ("", mine.key), ("ann", "other")):
        with pytest.raises(SandboxError) as refused:
            service.arrange(owner, key, many(1))
        assert refused.value.reason is Reason.NOT_FOUND
        with pytest.raises(SandboxError) as refused:
            service.close_terminal(owner, key, "main")
        assert refused.value.reason is Reason.NOT_FOUND
    Sandbox.move(mine.key, frm=(State.READY,), to=State.ENDED)
    with pytest.raises(SandboxError):
        service.arrange("ann", mine.key, many(1))
    mine.refresh_from_db()
    assert mine.layout == good()
