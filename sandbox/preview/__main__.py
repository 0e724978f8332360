"""`python -m sandbox.preview`: the process that serves previews until SIGTERM."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")
django.setup()

from sandbox.preview.process import main  # noqa: E402 - imports models, for which Django must be set up

main()
