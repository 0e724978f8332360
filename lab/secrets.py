"""The secret key: made by set-up, read here, and never made up when it cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


def secret_key(path: Path) -> str:
    """LAB_SECRET, or what the file holds. Raises ImproperlyConfigured when there is neither."""
    given = os.environ.get("LAB_SECRET")
    if given:
        return given
    try:
        key = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key in {path} cannot be read ({error.strerror}); run `make up` as root, "
            "which makes it, or set LAB_SECRET."
        ) from error
    if len(key) < 32:
        raise ImproperlyConfigured(f"The secret key in {path} is too short; remove it and run `make up`.")
    return key
