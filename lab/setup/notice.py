"""What `up` says of a machine that runs the lab, and yet would keep something from its sandboxes."""

from __future__ import annotations

from lab.paths import Paths
from lab.setup.doctor import probes_of


def notice(paths: Paths, name: str) -> list[str]:
    """The doctor's point of this name and its mend, as lines; none when it is well or cannot be examined."""
    for named, _, probe in probes_of(paths):
        if named == name:
            try:
                point = probe()
            except Exception:  # the lab runs, and its start must not fail by this
                return []
            if point.state != "ok":
                return [f"Mind the {name}: {point.found}", f"    {point.mend}"]
    return []
