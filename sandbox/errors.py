"""What can go wrong with a sandbox, said so that a person can act on it."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why something failed: stable words for programs, tests and the API."""

    UNAVAILABLE = "unavailable"  # this machine or driver cannot make sandboxes
    CAPACITY = "capacity"  # no room for another sandbox now
    NOT_FOUND = "not-found"  # no such sandbox or terminal
    INVALID = "invalid"  # the request itself is wrong
    TIMEOUT = "timeout"  # it took longer than allowed
    FAILED = "failed"  # a step failed; detail says how
    REFUSED = "refused"  # the caller may not do this


class SandboxError(Exception):
    """An error with one sentence for the person and the detail for the operator's log.

    `message` says what happened and what to do; `reason` is for programs; `detail` may hold
    a command's standard error and is never shown to a learner.
    """

    reason = Reason.FAILED

    def __init__(self, message: str, *, reason: Reason | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        if reason is not None:
            self.reason = reason


class SandboxUnavailable(SandboxError):
    """Sandboxes cannot be made here at all; the message says what is missing and how to mend it."""

    reason = Reason.UNAVAILABLE


class SandboxNotFound(SandboxError):
    """The sandbox or terminal that was named does not exist (any more)."""

    reason = Reason.NOT_FOUND


class SandboxTimeout(SandboxError):
    """Something inside a sandbox did not finish within the time it was given."""

    reason = Reason.TIMEOUT
