"""The page "Your progress" and what a learner does there: notes, the transcript, certificates, other devices,
erasing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lab.proxy import client_address
from lab.requests import LearnerRequest
from lessons import certificates, codes, course, learners, moves, notes, transcript
from lessons.models import Learner
from sandbox.models import LIVE, Sandbox

WRONG_CODE = (
    "This code is not good: each is good once, for ten minutes. Look for a wrong letter, or make a new code on the "
    "other device."
)


@require_GET
@never_cache
def progress(request: LearnerRequest) -> HttpResponse:
    """All that the lab knows of this learner."""
    return _page(request, arrived=_arrived(request))


def _page(request: LearnerRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    found = course.get()
    records = transcript.gather(request.learner_key, found)
    lessons = [{"form": note_form(request.learner_key, one.slug), **_shown(one)} for one in records]
    known = Learner.objects.filter(key=request.learner_key).exists() if request.learner_key else False
    finished = len(certificates.done(records, found))
    context = {
        "lessons": lessons,
        "known": known,
        "finished": finished,
        "name_limit": certificates.NAME,
        **more,
    }
    return render(request, "progress.html", context, status=status)


def _shown(lesson: transcript.LessonRecord) -> dict[str, Any]:
    return {
        "slug": lesson.slug, "title": lesson.title, "steps": lesson.steps, "note": lesson.note,
        "removed": lesson.removed, "done": lesson.done, "total": lesson.total, "finished": lesson.finished,
    }  # fmt: skip


def note_form(learner: str | None, lesson: str, step: str = "") -> dict[str, Any]:
    """What partials/note.html shows of a learner's note."""
    found = notes.find(learner, lesson, step)
    return {
        "id": f"note-{step or lesson}",
        "label": "Notes on this step" if step else "Notes on this lesson",
        "url": reverse("note", args=[lesson, step]) if step else reverse("lesson-note", args=[lesson]),
        "text": found.text if found else "",
        "version": found.version if found else 0,
        "limit": notes.LIMIT,
    }


def _arrived(request: LearnerRequest) -> str:
    """What came of a code, said after the redirect that followed it; '' when none was entered."""
    how = request.GET.get("arrived", "")
    if how == "same":
        return "This browser and the one that made the code are already one."
    if how != "moved":
        return ""
    said = ["This browser goes on where your other device is."]
    steps = request.GET.get("steps", "")
    if steps.isdecimal() and int(steps[:4]):
        count = int(steps[:4])
        said.append(f"{count} step{'s' * (count != 1)} that you had done only here came along.")
    if request.GET.get("sandbox") == "kept":
        said.append("The sandbox that you had here is now that of both.")
    elif request.GET.get("sandbox") == "ended":
        said.append("The sandbox that you had here has ended; that of the other device goes on.")
    return " ".join(said)


@require_http_methods(["GET", "POST"])
@never_cache
def make_certificate(request: LearnerRequest) -> HttpResponse:
    """Lead to a certificate of what is done, for the name in the form: its address is all there is of it."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("progress"))
    name = request.POST.get("name", "")
    try:
        token = certificates.make(request.learner_key, course.get(), name)
    except certificates.Refused as error:
        said = {"certificate_error": str(error), "certificate_name": name[:1000]}
        return _page(request, status=error.status, **said)
    return HttpResponseRedirect(reverse("certificate", args=[token]))


@require_http_methods(["GET", "POST"])
@never_cache
def make_code(request: LearnerRequest) -> HttpResponse:
    """Show a new code, once: only its digest is kept."""
    if request.method != "POST":  # reloaded, or followed from the history
        return HttpResponseRedirect(reverse("progress"))
    try:
        code, expires = codes.make(learners.enrol(request))
    except codes.Refused as error:
        return _page(request, status=429, code_error=str(error))
    minutes = round((expires - timezone.now()).total_seconds() / 60)
    return _page(request, code=code, code_minutes=minutes)


@require_http_methods(["GET", "POST"])
@never_cache
def enter_code(request: LearnerRequest) -> HttpResponse:
    """Make this browser the learner whose code was entered."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("progress"))
    address = client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))
    try:
        moved = moves.enter(request.POST.get("code", "")[:100], address, request.learner_key)
    except codes.Refused as error:
        return _page(request, status=429, enter_error=str(error))
    if moved is None:
        return _page(request, status=403, enter_error=WRONG_CODE)
    request.learner_key, request.learner_renew = moved.key, True
    about: dict[str, str | int] = {"arrived": "same" if moved.same else "moved"}
    if moved.steps:
        about["steps"] = moved.steps
    if moved.sandbox:
        about["sandbox"] = moved.sandbox
    # "#main", or the fragment of the form's own address would stay
    return HttpResponseRedirect(f"{reverse('progress')}?{urlencode(about)}#main")


@require_http_methods(["GET", "POST"])
@never_cache
def erase(request: LearnerRequest) -> HttpResponse:
    """Ask, and on yes remove all that the lab knows of this learner."""
    key = request.learner_key
    if request.method == "POST" and key:
        ended = moves.erase(key)
        request.learner_key, request.learner_renew = None, True
        return render(request, "erased.html", {"ended": ended})
    if key is None or not Learner.objects.filter(key=key).exists():
        return HttpResponseRedirect(reverse("progress"))
    lessons = transcript.gather(key, course.get())
    context = {
        "steps": sum(lesson.done for lesson in lessons),
        "notes": sum(bool(step.note) for lesson in lessons for step in lesson.steps)
        + sum(bool(lesson.note) for lesson in lessons),
        "sandbox": Sandbox.objects.filter(owner=key, state__in=LIVE).exists(),
    }
    return render(request, "erase.html", context)


@require_GET
@never_cache
def download(request: LearnerRequest) -> HttpResponse:
    """The transcript as a Markdown file."""
    now = timezone.now()
    text = transcript.markdown(transcript.gather(request.learner_key, course.get()), now)
    return HttpResponse(
        text,
        content_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{transcript.file_name(now)}"'},
    )


@require_POST
@never_cache
def note(request: LearnerRequest, lesson: str, step: str = "") -> HttpResponse:
    """Keep a note: `text`, and `version` that the page has seen. A page's script gets JSON: `{"version"}`, or
    `{"message"}` with 413, or `{"message", "text", "version"}` with 409 where another window was quicker; a form
    is sent back to where it was."""
    found = course.get().by_slug.get(lesson)
    if found is None or (step and step not in found.by_slug):
        raise Http404("There is no such lesson or step.")
    by_script = request.headers.get("Accept") == "application/json"
    seen = request.POST.get("version", "")
    version = int(seen) if by_script and seen.isdecimal() and len(seen) < 12 else None
    try:
        version = notes.write(learners.enrol(request), lesson, step, request.POST.get("text", ""), version)
    except notes.TooLong as error:
        if by_script:
            return JsonResponse({"message": str(error)}, status=413)
        return HttpResponse(str(error), status=413, content_type="text/plain; charset=utf-8")
    except notes.Changed as error:
        now = (
            {"text": error.note.text, "version": error.note.version}
            if error.note
            else {"text": "", "version": 0}
        )
        return JsonResponse({"message": str(error), **now}, status=409)
    if by_script:
        return JsonResponse({"version": version})
    back = reverse("step", args=[lesson, step]) if step else f"{reverse('progress')}#{lesson}"
    return HttpResponseRedirect(back)
