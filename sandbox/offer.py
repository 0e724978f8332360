"""Which sandboxes this lab can make now, and what those of a profile still lack."""

from __future__ import annotations

from typing import Any

from lab.health import progress, tools_progress
from sandbox import capacity
from sandbox.errors import SandboxUnavailable

BEING_BUILT = (
    "Kubernetes is still being built, and this lesson's sandbox needs it; lessons with Docker work meanwhile."
)
NOT_BUILT = (
    "Kubernetes is not built in this lab, and this lesson's sandbox needs it; whoever runs the lab has it built by "
    "`make up` (with LAB_TOOLS unset)."
)


def lacking(profile: str) -> dict[str, Any] | None:
    """What is still being prepared for sandboxes of that profile, as set-up tells its progress; None when nothing is.

    When it is not the lab as a whole, `what` names the profile. `failed` is a sentence when nobody goes on with it.
    """
    setup = progress()
    if setup is not None or profile in capacity.offered():
        return setup
    return {"what": profile, **(tools_progress() or {"parts": [], "failed": NOT_BUILT})}


def check(profile: str) -> None:
    """Raises SandboxUnavailable when sandboxes of that profile cannot be made now."""
    if profile not in capacity.offered():
        found = tools_progress()
        raise SandboxUnavailable(NOT_BUILT if found is None else found.get("failed") or BEING_BUILT)
