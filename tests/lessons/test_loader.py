from __future__ import annotations

from pathlib import Path

import pytest

from lessons import course, loader
from lessons.problems import LessonsBroken
from lessons.tree import Course

from .conftest import LESSON, STEP, Write

IMAGES = frozenset({"busybox:1", "nginx:1.26", "nginx:latest"})


def load(root: Path, *, syntax: bool = True) -> Course:
    return loader.load(root, images=IMAGES, syntax=syntax)


def test_a_good_course_is_read_in_order(write: Write) -> None:
    found = load(write({"005-zero/lesson.md": LESSON, "005-zero/10-a/step.md": STEP}))
    assert [lesson.slug for lesson in found.lessons] == ["005-zero", "010-first"]
    lesson = found.by_slug["010-first"]
    assert (lesson.title, lesson.minutes, lesson.profile, lesson.slides) == (
        "A lesson",
        10,
        "docker",
        ("One",),
    )
    assert [step.slug for step in lesson.steps] == ["10-one", "20-two", "30-read"]
    assert lesson.checked == ("10-one", "20-two")
    assert lesson.steps[0].solution == ('touch "$LAB_TEST/one"',)
    assert lesson.steps[1].setup
    assert found.step("010-first", "20-two") is lesson.steps[1]
    assert found.step("010-first", "99-no") is None


def lesson(**changes: str) -> str:
    """lesson.md with some lines replaced, or left out where the value is empty."""
    lines = []
    for line in LESSON.splitlines():
        key = line.partition(":")[0]
        lines += [changes[key]] if changes.get(key) else [] if key in changes else [line]
    return "\n".join(lines) + "\n"


def step(body: str, front: str = "title: A step") -> str:
    """step.md whose body begins in line 4."""
    return f"---\n{front}\n---\n{body}\n"


BROKEN = [
    # front matter of a lesson
    ("010-first/lesson.md", "title: x\n", 1, "must begin with front matter"),
    ("010-first/lesson.md", "---\ntitle: x\n", 1, "no closing line"),
    ("010-first/lesson.md", lesson(title="color: red"), 2, "unknown key color"),
    ("010-first/lesson.md", lesson(title=""), 1, "title is missing"),
    ("010-first/lesson.md", lesson(title="title: [a]"), 2, "title must be a text"),
    ("010-first/lesson.md", lesson(title="title: " + "x" * 71), 2, "71 characters"),
    ("010-first/lesson.md", lesson(title="title: 'x"), 2, "is not YAML"),
    ("010-first/lesson.md", lesson(minutes="minutes: ten"), 4, "minutes must be a whole number"),
    ("010-first/lesson.md", lesson(minutes="minutes: yes"), 4, "minutes must be a whole number"),
    ("010-first/lesson.md", lesson(minutes="minutes: 0"), 4, "between 1 and 120"),
    ("010-first/lesson.md", lesson(profile="profile: vax"), 5, "'vax' is no profile"),
    ("010-first/lesson.md", lesson(slides="slides: One"), 6, "slides must be a list of texts"),
    ("010-first/lesson.md", lesson(slides="slides: [1]"), 6, "slides must be a list of texts"),
    ("010-first/lesson.md", lesson(slides="slides: [a]\nminutes: 3"), 7, "minutes is given twice"),
    (
        "010-first/lesson.md",
        lesson(slides="slides: [a]\nneeds: [020-x]"),
        7,
        "needs 020-x, which is no lesson",
    ),
    ("010-first/lesson.md", lesson(slides="slides: [a]\nneeds: [010-first]"), 7, "does not come before"),
    ("010-first/lesson.md", "---\njust words\n---\n", 2, "must be lines of `key: value`"),
    ("010-first/lesson.md", LESSON + "\nA body.\n", 8, "front matter only"),
    ("010-first/lesson.md", None, 1, "is missing"),
    # a step's front matter and text
    ("010-first/20-two/step.md", step("x", "title: x\nrepeats: [30-read]"), 3, "is no step before it"),
    ("010-first/20-two/step.md", step("x", "title: x\nrepeats: [15-no]"), 3, "repeats 15-no, which is no"),
    ("010-first/10-one/step.md", None, 1, "is missing"),
    ("010-first/10-one/step.md", step(""), 4, "the step has no text"),
    ("010-first/10-one/step.md", step("x", "name: x"), 2, "unknown key name"),
    ("010-first/10-one/step.md", step("x", "title: x\nengine: gone"), 3, "engine can only be stopped-ok"),
    ("010-first/10-one/step.md", step("a\n\n<b>x</b>"), 6, "HTML is not allowed; put <b>"),
    ("010-first/10-one/step.md", step("a\nb <i>x</i>"), 5, "HTML is not allowed; put <i>"),
    ("010-first/10-one/step.md", step("<div>\nx\n</div>"), 4, "HTML is not allowed"),
    ("010-first/10-one/step.md", step("x\n\n# Big"), 6, "begin with ##"),
    ("010-first/10-one/step.md", step("x\n\n    indented"), 6, "use a fenced block"),
    ("010-first/10-one/step.md", step("![x](https://e.org/x.png)"), 4, "pictures are not supported"),
    ("010-first/10-one/step.md", step("x\n[a](javascript:alert(1))"), 5, "javascript:alert(1) must lead to"),
    ("010-first/10-one/step.md", step("[a](data:text/html,x)"), 4, "must lead to"),
    ("010-first/10-one/step.md", step("[a](other.md)"), 4, "other.md must lead to"),
    ("010-first/10-one/step.md", step("x\n\n[a](/lessons/020-no/)"), 6, "leads to no lesson or step"),
    ("010-first/10-one/step.md", step("[a](/lessons/010-first/99-no/)"), 4, "leads to no lesson or step"),
    ("010-first/10-one/step.md", step("[a](/lessons/010-first)"), 4, "must be like /lessons/LESSON/STEP/"),
    (
        "010-first/10-one/step.md",
        step("x\n\n## Here\n\n[a](#there)"),
        8,
        "no heading of this step has the id there",
    ),
    ("010-first/10-one/step.md", step("> [!HINT]\n> x"), 4, "unknown callout [!HINT]"),
    # fences
    ("010-first/10-one/step.md", step("x\n\n```\nls\n```"), 6, "must say what it is"),
    ("010-first/10-one/step.md", step("x\n\n```riddle\nls\n```"), 6, "unknown fence riddle"),
    ("010-first/10-one/step.md", step("```run fast\nls\n```"), 4, "unknown option fast of fence run"),
    (
        "010-first/10-one/step.md",
        step("```run terminal=The-Server\nls\n```"),
        4,
        "option terminal of fence run needs a name of at most 20 small letters",
    ),
    ("010-first/10-one/step.md", step("x\n\n```run terminal\nls\n```"), 6, "of fence run needs a name"),
    ("010-first/10-one/step.md", step("```run terminal=\nls\n```"), 4, "of fence run needs a name"),
    ("010-first/10-one/step.md", step("```run terminal=1st\nls\n```"), 4, "of fence run needs a name"),
    (
        "010-first/10-one/step.md",
        step(f"```run terminal={'a' * 21}\nls\n```"),
        4,
        "of fence run needs a name",
    ),
    ("010-first/10-one/step.md", step("```run terminal=a terminal=b\nls\n```"), 4, "is given twice"),
    ("010-first/10-one/step.md", step("```run interrupt interrupt\nls\n```"), 4, "is given twice"),
    ("010-first/10-one/step.md", step("```run interrupt=yes\nls\n```"), 4, "takes no value"),
    ("010-first/10-one/step.md", step("```output user=x\nls\n```"), 4, "unknown option user of fence output"),
    ("010-first/10-one/step.md", step("```run\n\n```"), 4, "the fenced block is empty"),
    ("010-first/10-one/step.md", step("```run\nls\ndocker run -it alpine:3\n```"), 6, "no image alpine:3"),
    # scripts
    ("010-first/10-one/solve.sh", None, 1, "needs a solve.sh beside it"),
    ("010-first/10-one/check.sh", None, 1, "needs a check.sh beside it"),
    ("010-first/10-one/check.sh", "# nothing\n", 1, "holds no command"),
    ("010-first/10-one/check.sh", "true\nif\n", 3, "syntax error"),
    ("010-first/10-one/check.sh", "true\r\n", 1, "Windows line ends"),
    ("010-first/10-one/solve.sh", "# x\ntrue\nfor x in 1\ndo true\ndone\n", 3, "each line is sent"),
    ("010-first/10-one/solve.sh", "ls\ndocker pull nginx:9\n", 2, "no image nginx:9"),
    ("010-first/20-two/setup.sh", "docker run -d nginx:8\n", 1, "no image nginx:8"),
    ("010-first/10-one/check.sh", "ls\ndocker run --rm alpine:2 true || hint x\n", 2, "no image alpine:2"),
    # folders
    ("010-first/10-one/notes.txt", "x", 1, "does not belong here"),
    ("010-first/extra.md", "x", 1, "does not belong here"),
    ("10-short/lesson.md", LESSON, 1, "folders are named like"),
    ("010-other/lesson.md", LESSON, 1, "has the same number as 010-first"),
    ("010-first/20-Twice/step.md", STEP, 1, "folders are named like"),
    ("010-first/20-zwei/step.md", STEP, 1, "has the same number as 20-two"),
    ("010-first/40-more/step.md", STEP, 1, "one reading step a lesson is the most"),
]


@pytest.mark.parametrize(("name", "text", "line", "message"), BROKEN, ids=[case[3] for case in BROKEN])
def test_each_mistake_is_named_with_file_and_line(
    write: Write, name: str, text: str | None, line: int, message: str
) -> None:
    with pytest.raises(LessonsBroken) as caught:
        load(write({name: text}))
    found = [problem for problem in caught.value.problems if message in problem.message]
    assert found, caught.value
    path = found[0].path
    beside = path.rpartition("/")[0] == name.rpartition("/")[0]
    assert beside or name.startswith(f"{path}/"), caught.value
    assert found[0].line == line
    assert str(found[0]).startswith(f"{found[0].path}:{line}: ")


def test_all_problems_come_at_once(write: Write) -> None:
    changes: dict[str, str | None] = {
        "010-first/lesson.md": lesson(minutes="minutes: 0"),
        "010-first/10-one/step.md": step("<b>"),
        "010-first/20-two/solve.sh": None,
    }
    with pytest.raises(LessonsBroken) as caught:
        load(write(changes))
    assert {problem.path for problem in caught.value.problems} == {
        "010-first/lesson.md",
        "010-first/10-one/step.md",
        "010-first/20-two/check.sh",
    }


def test_a_lesson_without_steps_and_a_course_without_lessons(tmp_path: Path) -> None:
    with pytest.raises(LessonsBroken, match="there is no lesson"):
        load(tmp_path / "nowhere")
    (tmp_path / "c" / "010-x").mkdir(parents=True)
    (tmp_path / "c" / "010-x" / "lesson.md").write_text(LESSON)
    with pytest.raises(LessonsBroken, match=r"010-x/lesson\.md:1: the lesson has no step"):
        load(tmp_path / "c")


@pytest.mark.parametrize("name", ["step.md~", ".step.md.swp", "#step.md#", ".#step.md", "step.md.tmp"])
def test_what_editors_keep_is_no_lesson(write: Write, name: str) -> None:
    root = write({f"010-first/10-one/{name}": "x", f"010-first/{name}": "x", name: "x"})
    assert len(load(root).lessons) == 1


def test_bytes_that_are_no_text(write: Write) -> None:
    root = write({})
    (root / "010-first/10-one/step.md").write_bytes(b"---\ntitle: x\n---\n\xff\n")
    with pytest.raises(LessonsBroken, match=r"step\.md:4: is not UTF-8"):
        load(root)


def test_links_and_images_that_exist_are_fine(write: Write) -> None:
    body = (
        "[a](/lessons/010-first/20-two/) [b](/lessons/010-first/#x) [c](https://example.org) [d](#here)\n\n"
        "## Here\n\n```run\ndocker run --rm -it docker.io/library/nginx:1.26\ndocker run nginx\n```\n"
    )
    load(write({"010-first/10-one/step.md": step(body)}))


def test_images_that_a_lesson_has_built_are_its_own(write: Write) -> None:
    runs = step("```run\ndocker run hello:1\n```")
    root = write(
        {
            "010-first/10-one/step.md": step("```run\ndocker build -t hello:1 .\ndocker run hello:1\n```"),
            "010-first/20-two/step.md": runs,
        }
    )
    load(root)
    with pytest.raises(LessonsBroken, match=r"020-second/10-a/step\.md:5: there is no image hello:1"):
        load(write({"020-second/lesson.md": LESSON, "020-second/10-a/step.md": runs}))


def test_the_lab_s_own_lessons_are_well_formed() -> None:
    found = course.read(Path(course.__file__).parent / "content", syntax=True)
    assert found.lessons
