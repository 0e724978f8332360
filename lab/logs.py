"""What the log leaves out."""

from __future__ import annotations

import logging


class Brief(logging.Filter):
    """Says what strangers do wrong in one line: a traceback for each request would fill the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        return True
