"""Types of views and of the request as they get it: Django's, with what the lab's middleware has found out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

View = TypeVar("View", bound=Callable[..., HttpResponse])


class LearnerRequest(HttpRequest):
    """Only a type: `lessons.learners.LearnerMiddleware` sets these on Django's own request."""

    learner_key: str | None
    """Who is asking; None for strangers."""
    learner_renew: bool
    """Whether the response shall carry a new cookie."""
