"""Leases on rows: whoever works at one keeps it alive, so that a dead worker's row goes to another in seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.utils import timezone

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=6)
"""Without a sign of life for that long, a worker is taken for dead."""
RENEW = 2.0
"""Seconds between two signs of life."""


@contextmanager
def keep(rows: QuerySet[Any], what: str) -> Iterator[None]:
    """Renew the field `lease` of these rows while the body works, however long the database is away at times.
    `what` they are, for the log."""
    over = threading.Event()

    def renew() -> None:
        try:
            while not over.wait(RENEW):
                try:
                    rows.update(lease=timezone.now() + LEASE)
                except DatabaseError as error:
                    log.warning("The lease of %s could not be renewed; trying again: %s", what, error)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
