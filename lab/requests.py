"""The request as views get it: Django's, with what the lab's middleware has found out about the visitor."""

from __future__ import annotations

from django.http import HttpRequest


class LearnerRequest(HttpRequest):
    """Only a type: `lessons.learners.LearnerMiddleware` sets these on Django's own request."""

    learner_key: str | None
    """Who is asking; None for strangers."""
    learner_renew: bool
    """Whether the response shall carry a new cookie."""
