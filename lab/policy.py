"""What a single page may do beyond the content policy of the settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from csp.decorators import csp_update

from lab.requests import View

TERMINAL = {"style-src": "'unsafe-inline'"}
"""xterm.js sets styles on its elements."""


def allowing(sources: dict[str, Any]) -> Callable[[View], View]:
    """A decorator for views, or for `render`: these sources are added. django-csp's own, whose types know
    only views without arguments."""
    return cast(Callable[[View], View], csp_update(sources))
