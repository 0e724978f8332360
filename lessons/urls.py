from __future__ import annotations

from django.urls import path

from lessons import own, views

urlpatterns = [
    path("", views.home, name="home"),
    path("lessons/", views.contents, name="contents"),
    path("search/", views.search, name="search"),
    path("authors.json", views.authors, name="authors"),
    path("lessons/<slug:lesson>/", views.lesson, name="lesson"),
    path("lessons/<slug:lesson>/<slug:step>/", views.step, name="step"),
    path("notes/<slug:lesson>/", own.note, name="lesson-note"),
    path("notes/<slug:lesson>/<slug:step>/", own.note, name="note"),
    path("progress/", own.progress, name="progress"),
    path("certificate/<str:token>/", views.certificate, name="certificate"),
    path("progress/certificate/", own.make_certificate, name="make-certificate"),
    path("progress/code/", own.make_code, name="make-code"),
    path("progress/enter/", own.enter_code, name="enter-code"),
    path("progress/erase/", own.erase, name="erase"),
    path("progress/transcript.md", own.download, name="transcript"),
    path("terminals/<slug:key>/<slug:name>/", views.terminal, name="terminal"),
]
