from __future__ import annotations

from django.urls import path

from lessons import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lessons/", views.contents, name="contents"),
    path("lessons/<slug:lesson>/", views.lesson, name="lesson"),
    path("lessons/<slug:lesson>/<slug:step>/", views.step, name="step"),
    path("terminals/<slug:key>/<slug:name>/", views.terminal, name="terminal"),
]
