"""The list of lessons, a step's page, the search, and a certificate's page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from lab import policy
from lab.requests import LearnerRequest
from lessons import catchup, certificates, course, index, learners, outline, own, progress, work
from lessons.proofs import Proofs, Standing
from lessons.tree import Lesson, Step
from sandbox import service
from sandbox.layout import TITLE_LENGTH
from sandbox.preview import origins

TERMINAL_BASE = "/ws/terminal/"


@require_safe
@never_cache
def home(request: LearnerRequest) -> HttpResponse:
    """All lessons and how far this learner is in each; for authors, what is wrong with the files."""
    done = progress.done_by_lesson(request.learner_key)
    found = course.get().lessons
    standings = Proofs().standings(found)
    lessons = [
        _card(number, lesson, done.get(lesson.slug, set()), standings[lesson.slug])
        for number, lesson in enumerate(found, 1)
    ]
    if suggested := outline.suggested(lessons):
        suggested["suggested"] = True
    return render(request, "home.html", {"lessons": lessons, "authors": _files() if settings.DEBUG else None})


@require_safe
@never_cache
def authors(request: LearnerRequest) -> HttpResponse:
    """For pages that are open while lessons are written: `{"version", "problems"}`; only where LAB_DEBUG is set."""
    if not settings.DEBUG:
        raise Http404("There is no such page.")
    return JsonResponse(_files())


def _files() -> dict[str, Any]:
    """For authors, how the lesson files are: the version that is served, and what is wrong with a newer one."""
    return {"version": course.get().version, "problems": list(course.problems())}


def _card(number: int, lesson: Lesson, done: set[str], standing: Standing) -> dict[str, Any]:
    count = sum(slug in done for slug in lesson.checked)
    total = len(lesson.checked)
    finished = count == total > 0
    return {
        "number": number,
        "part": lesson.part,
        "profile": lesson.profile,
        "slug": lesson.slug,
        "title": lesson.title,
        "summary": lesson.summary,
        "minutes": lesson.minutes,
        "steps_total": total,
        "steps_done": count,
        "url": reverse("lesson", args=[lesson.slug]),
        "standing": standing,
        "done": finished,
        "state": "done" if finished else "started" if count else "new",
        "suggested": False,
    }


@require_safe
@never_cache
def lesson(request: LearnerRequest, lesson: str) -> HttpResponse:
    """Go on where the learner left."""
    slug = progress.resume(request.learner_key, _lesson(lesson))
    return HttpResponseRedirect(reverse("step", args=[lesson, slug]))


@require_safe
@never_cache
def contents(request: LearnerRequest) -> HttpResponse:
    """All lessons with their steps, and how far this learner is in each."""
    return render(request, "contents.html", {"lessons": outline.lessons(request.learner_key)})


@require_safe
@never_cache
def search(request: LearnerRequest) -> HttpResponse:
    """A form, and the lessons and steps in which every word of `?q=` occurs."""
    query, cut = index.clean(request.GET.get("q", ""))
    found = index.current().find(query)
    context = {
        "query": query,
        "cut": cut,
        "limit": index.QUERY_LENGTH,
        "autofocus": not query,
        "wordless": not index.words(query),
        "count": found.count,
        "hits": [_hit(hit) for hit in found.hits],
    }
    return render(request, "search.html", context)


def _hit(hit: index.Hit) -> dict[str, Any]:
    lesson, step = hit.lesson, hit.step
    return {
        "url": reverse("step", args=[lesson.slug, step.slug])
        if step
        else reverse("lesson", args=[lesson.slug]),
        "lesson": lesson.title if step else "",
        "number": lesson.steps.index(step) + 1 if step else 0,
        "title": hit.title,
        "excerpt": hit.excerpt,
        "code": hit.code,
    }


@require_safe
@never_cache
def step(request: LearnerRequest, lesson: str, step: str) -> HttpResponse:
    """One step beside the terminal. Makes the visitor a learner."""
    found = _lesson(lesson)
    shown = found.by_slug.get(step)
    if shown is None:
        raise Http404("There is no such step.")
    learner = learners.enrol(request)
    progress.open_step(learner.key, lesson, step)
    done = progress.done_steps(learner.key, lesson)
    answered = {
        "blocks": json.dumps(work.states(learner.key, lesson, shown)),
        "passed": progress.check_passed(learner.key, lesson, step) if shown.checked else False,
    }
    frames = origins.frame_sources(request.get_host(), secure=request.is_secure()) or ["'none'"]
    page = policy.allowing({**policy.TERMINAL, "frame-src": frames})(render)
    extras = {
        **answered,
        "note": own.note_form(learner.key, lesson, step),
        "standing": Proofs().standings((found,))[lesson],
        "authors": _files() if settings.DEBUG else None,
    }
    return page(request, "lesson.html", {**_context(found, shown, done), **extras})


@require_safe
@never_cache
@policy.allowing(policy.TERMINAL)
def terminal(request: LearnerRequest, key: str, name: str) -> HttpResponse:
    """One terminal of the learner's sandbox alone, for a window of its own. `?title=` names it."""
    if service.owned(request.learner_key or "", key) is None:
        raise Http404("There is no such sandbox.")
    title = request.GET.get("title", "").strip()[:TITLE_LENGTH] or name
    context = {"key": key, "name": name, "title": title, "terminal_base": TERMINAL_BASE}
    return render(request, "terminal.html", context)


@require_safe
@never_cache
def certificate(request: LearnerRequest, token: str) -> HttpResponse:
    """What this lab has certified, for anybody who has the link, whether or not they may enter the lab."""
    found = certificates.read(token)
    if found is None:
        return render(request, "foreign.html", status=404)
    now = course.get()
    lessons = [
        {"about": one, "url": reverse("lesson", args=[one.slug]) if one.slug in now.by_slug else ""}
        for one in found.lessons
    ]
    context = {
        "certificate": found,
        "lessons": lessons,
        "unchanged": found.course == certificates.version(now),
        "host": request.get_host(),
        "address": request.build_absolute_uri(reverse("certificate", args=[token])),
    }
    return render(request, "certificate.html", context)


def _context(lesson: Lesson, shown: Step, done: set[str]) -> dict[str, Any]:
    urls = [reverse("step", args=[lesson.slug, step.slug]) for step in lesson.steps]
    at = lesson.steps.index(shown)
    steps = [
        {
            "slug": step.slug,
            "title": step.title,
            "url": urls[index],
            "done": step.slug in done,
            "current": index == at,
            "number": index + 1,
        }
        for index, step in enumerate(lesson.steps)
    ]
    return {
        "lesson": {
            "slug": lesson.slug,
            "title": lesson.title,
            "summary": lesson.summary,
            "minutes": lesson.minutes,
            "profile": lesson.profile,
        },
        "step": {
            "slug": shown.slug,
            "title": shown.title,
            "html": shown.html,
            "number": at + 1,
            "checked": shown.checked,
            "counts": shown.counts,
            "has_solution": bool(shown.solution),
            "can_catch_up": bool(catchup.steps_before(lesson, shown.slug)),
        },
        "steps": steps,
        "previous_url": urls[at - 1] if at else "",
        "next_url": urls[at + 1] if at + 1 < len(urls) else "",
        "channel_url": f"/ws/lesson/{lesson.slug}/?{urlencode({'step': shown.slug})}",
        "terminal_base": TERMINAL_BASE,
        "window_base": "/terminals/",
        "done": shown.slug in done,
    }


def _lesson(slug: str) -> Lesson:
    found = course.get().by_slug.get(slug)
    if found is None:
        raise Http404("There is no such lesson.")
    return found
