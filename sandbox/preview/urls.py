from __future__ import annotations

from django.urls import path

from sandbox.preview import views

urlpatterns = [path("<int:port>", views.preview, name="preview")]
