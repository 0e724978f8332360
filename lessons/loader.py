"""Lesson folders to a Course, or every reason why not.

content/010-what-is-a-container/lesson.md        front matter only
content/010-what-is-a-container/10-a-process/    step.md, check.sh with solve.sh, setup.sh
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lessons import commands, frontmatter, markup, slides
from lessons.markup import Link
from lessons.problems import LessonsBroken, Report
from lessons.tree import Course, Lesson, Step

LESSON_NAME = re.compile(r"(\d{3})-[a-z0-9]+(-[a-z0-9]+)*")
STEP_NAME = re.compile(r"(\d{2})-[a-z0-9]+(-[a-z0-9]+)*")
SCRIPTS = ("check.sh", "solve.sh", "setup.sh")
HREF = re.compile(r"/lessons/(?P<lesson>[^/#]+)/((?P<step>[^/#]+)/)?(#.*)?")


def of_an_editor(name: str) -> bool:
    """Whether a file is one that an editor keeps beside those that somebody writes."""
    return name.startswith((".", "__", "#")) or name.endswith(("~", ".swp", ".tmp"))


@dataclass
class _Reading:
    """What one pass over the folders gathers besides the tree itself. `built` are the images that the lesson
    in hand has built so far, `lines` where each file has its keys."""

    root: Path
    known_images: Collection[str]
    syntax: bool
    built: set[str] = field(default_factory=set)
    report: Report = field(default_factory=Report)
    links: list[tuple[str, Link]] = field(default_factory=list)
    needs: list[tuple[str, int, Lesson]] = field(default_factory=list)
    lines: dict[str, Mapping[str, int]] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def problem(self, path: Path, line: int, message: str) -> None:
        self.report.add(self.name(path), line, message)


def load(root: Path, *, images: Collection[str], version: str = "", syntax: bool = False) -> Course:
    """Read the whole course. `images` are the references that sandboxes can pull.

    Raises LessonsBroken with everything that is wrong. `syntax` has bash look at every script too, which
    takes some milliseconds each.
    """
    reading = _Reading(root, images, syntax)
    folders = _numbered(root, LESSON_NAME, "010-what-is-a-container", (slides.FILE,), reading)
    lessons = [_lesson(folder, reading) for folder in folders]
    if not folders:
        reading.report.add(".", 1, f"there is no lesson in {root}")
    listed = _slides(root / slides.FILE, reading)
    course = Course(tuple(lesson for lesson in lessons if lesson), version, tuple(listed))
    if listed and not reading.report.problems:
        slides.check(course, listed, reading.lines, reading.report)
    _check_links(course, {folder.name for folder in folders}, reading)
    if reading.report.problems:
        raise LessonsBroken(reading.report.problems)
    return course


def _numbered(
    folder: Path, pattern: re.Pattern[str], example: str, files: tuple[str, ...], reading: _Reading
) -> list[Path]:
    """The numbered folders in `folder`, in order; anything else there but `files` is a problem."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        if of_an_editor(path.name) or (path.is_file() and path.name in files):
            continue
        match = pattern.fullmatch(path.name)
        if not path.is_dir() or match is None:
            reading.problem(path, 1, f"does not belong here; folders are named like {example}")
        elif match[1] in found:
            reading.problem(path, 1, f"has the same number as {found[match[1]].name}")
        else:
            found[match[1]] = path
    return list(found.values())


def _slides(path: Path, reading: _Reading) -> dict[str, int]:
    """The talk's slides, each with its line; none where the course has no list of them."""
    return slides.listed(_text(path, reading) or "", reading.report) if path.exists() else {}


def _text(path: Path, reading: _Reading) -> str | None:
    """A file's text; None, with the problem noted, when it is missing or no UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        reading.problem(path, 1, "is missing")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        reading.problem(path, line, "is not UTF-8 text")
    except OSError as error:
        reading.problem(path, 1, f"cannot be read: {error.strerror}")
    return None


def _lesson(folder: Path, reading: _Reading) -> Lesson | None:
    path = folder / "lesson.md"
    reading.built.clear()
    text = _text(path, reading)
    step_folders = _numbered(folder, STEP_NAME, "10-a-process", ("lesson.md",), reading)
    steps = [_step(step, reading) for step in step_folders]
    if not steps:
        reading.problem(path, 1, "the lesson has no step")
    reads = [step for step in steps if step and not step.counts]
    for step in reads[1:]:
        where = folder / step.slug / "step.md"
        reading.problem(
            where,
            1,
            f"has neither check.sh nor a question, like {reads[0].slug}: "
            "one reading step a lesson is the most",
        )
    if text is None:
        return None
    before = len(reading.report.problems)
    page = frontmatter.parse(text, reading.name(path), frontmatter.LESSON, reading.report)
    reading.lines[reading.name(path)] = page.lines
    if page.lines and page.body.strip():
        reading.problem(path, page.body_line, "holds front matter only; the text belongs into the steps")
    if len(reading.report.problems) > before or not all(steps):
        return None
    lesson = Lesson(
        slug=folder.name,
        title=page.values["title"],
        summary=page.values["summary"],
        minutes=page.values["minutes"],
        profile=page.values["profile"],
        slides=tuple(page.values["slides"]),
        needs=tuple(page.values.get("needs", ())),
        steps=tuple(step for step in steps if step),
        part=page.values.get("part", ""),
    )
    for step in lesson.steps:
        file = f"{folder.name}/{step.slug}/step.md"
        for slug in step.repeats:
            if slug not in lesson.by_slug or slug >= step.slug:
                line = reading.lines[file]["repeats"]
                reading.report.add(file, line, f"repeats {slug}, which is no step before it in its lesson")
    reading.needs.append((reading.name(path), page.lines.get("needs", 1), lesson))
    return lesson


def _step(folder: Path, reading: _Reading) -> Step | None:
    for path in sorted(folder.iterdir()):
        if path.name not in (*SCRIPTS, "step.md") and not of_an_editor(path.name):
            reading.problem(path, 1, f"does not belong here; a step has step.md, {', '.join(SCRIPTS)}")
    path = folder / "step.md"
    text = _text(path, reading)
    scripts = {name: _script(folder / name, reading) for name in SCRIPTS if (folder / name).exists()}
    for one, other in (("check.sh", "solve.sh"), ("solve.sh", "check.sh")):
        if one in scripts and other not in scripts:
            reading.problem(folder / one, 1, f"needs a {other} beside it")
    for name in ("setup.sh", "solve.sh", "check.sh"):  # as they run: what one has built, the next may run
        _check_images(folder / name, 1, scripts.get(name) or "", reading)
    if text is None:
        return None
    page = frontmatter.parse(text, reading.name(path), frontmatter.STEP, reading.report)
    reading.lines[reading.name(path)] = page.lines
    rendered = markup.render(page.body, reading.name(path), page.body_line, reading.report)
    if not page.body.strip():
        reading.problem(path, page.body_line, "the step has no text")
    for start, block in rendered.commands:
        _check_images(path, start, block, reading)
    reading.links += [(reading.name(path), link) for link in rendered.links]
    return Step(
        slug=folder.name,
        title=page.values.get("title", folder.name),
        html=rendered.html,
        check=scripts.get("check.sh") or "",
        solve=scripts.get("solve.sh") or "",
        setup=scripts.get("setup.sh") or "",
        solution=tuple(text for _, text in commands.split_script(scripts.get("solve.sh") or "")),
        engine_may_stop="engine" in page.values,
        blocks=rendered.blocks,
        slides=tuple(page.values.get("slides", ())),
        repeats=tuple(page.values.get("repeats", ())),
    )


def _script(path: Path, reading: _Reading) -> str:
    text = _text(path, reading)
    if text is None:
        return ""
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        reading.problem(path, line, "has Windows line ends; save it with Unix ones")
    if not commands.split_script(text):
        reading.problem(path, 1, "holds no command")
    elif reading.syntax:
        _check_syntax(path, text, reading)
    return text


def _check_syntax(path: Path, script: str, reading: _Reading) -> None:
    """Have bash read a script, and each command of a solution, which is sent on its own."""
    line, complaint = _bash_says(script)
    if complaint:
        reading.problem(path, line, complaint)
    if path.name == "solve.sh":
        for number, command in commands.split_script(script):
            _, complaint = _bash_says(command)
            if complaint:
                each = "each line is sent as a command of its own"
                reading.problem(path, number + 1, f"{complaint} ({each})")


def _bash_says(script: str) -> tuple[int, str]:
    """What bash finds wrong with a script's syntax, and in which line of it; '' when nothing."""
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False, timeout=10)
    if done.returncode == 0:
        return 1, ""
    first = done.stderr.decode(errors="replace").splitlines()[:1]
    found = re.fullmatch(r"bash: line (\d+): (.*)", first[0]) if first else None
    return (int(found[1]), found[2]) if found else (1, "bash cannot read this script")


def _check_images(path: Path, start: int, script: str, reading: _Reading) -> None:
    """See that images can be had that a script, which begins in line `start` of a file, names."""
    reading.built.update(commands.full_reference(name) for name in commands.built(script))
    for line, image in commands.images(script):
        if commands.full_reference(image) in {*reading.known_images, *reading.built}:
            continue
        known = ", ".join(sorted(name for name in reading.known_images if "/" not in name)) or "none"
        message = f"there is no image {image} for sandboxes; there is {known}"
        reading.problem(path, start + line, f"{message}, and what the lesson builds with docker build -t")


def _check_links(course: Course, folders: set[str], reading: _Reading) -> None:
    for path, link in reading.links:
        match = HREF.fullmatch(link.href)
        if match is None:
            reading.report.add(path, link.line, f"{link.href} must be like /lessons/LESSON/STEP/")
            continue
        target = reading.root / match["lesson"]
        if match["step"]:
            target /= match["step"]
        if match["lesson"] not in folders or not target.is_dir():
            reading.report.add(path, link.line, f"{link.href} leads to no lesson or step")
    for path, line, lesson in reading.needs:
        for slug in lesson.needs:
            if slug not in folders:
                reading.report.add(path, line, f"needs {slug}, which is no lesson")
            elif slug >= lesson.slug:
                reading.report.add(path, line, f"needs {slug}, which does not come before it")
