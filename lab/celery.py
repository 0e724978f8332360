"""The Celery application. Tasks import it as `from lab.celery import app`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")

app = Celery("lab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["sandbox", "lessons"])
app.conf.beat_schedule = {
    "sweep-sandboxes": {"task": "sandbox.tasks.sweep", "schedule": 5.0, "options": {"expires": 5.0}},
    "sweep-checks": {
        "task": "lessons.tasks.sweep",
        "schedule": 3.0,
        "options": {"queue": "checks", "expires": 3.0},
    },
}
