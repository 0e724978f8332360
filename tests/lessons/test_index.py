"""What is searched of the course, and what a query finds in it."""

from __future__ import annotations

import contextlib
import threading
import unicodedata
from pathlib import Path

import pytest

from lessons import course, index
from lessons.blocks import Predict, Quiz
from lessons.index import Found, Index
from lessons.passages import Passage, passages
from lessons.tree import Course

from .conftest import LESSON, STEP, Write

RICH = """---
title: Über cgroups
---

A **limit** on `memory.max` &
the rest, which is Márk’s.

## Ahead

| what | where |
|---|---|
| quota | cpu.max |

```run terminal=server
docker run --rm busybox:1 \\
  sh -c 'echo "<b>"'
```

```output
outputonly
```

```text
plainly
```

```file path=/root/app.conf
fileonly
```

```quiz
kind: choice
question: Questiononly?
options:
  - text: Optiononly
    right: true
    why: Whyonly.
  - text: Other
why: Explainonly.
hint: Hintonly.
```

```predict
kind: text
question: Foreseeonly?
truth: echo Truthonly
why: Laterwhy.
```

- one
- two
"""


@pytest.fixture
def rich(write: Write) -> Index:
    """The index of a course that has everything a step may hold."""
    second = LESSON.replace("A lesson", "Second").replace("What it is about.", "Of runc and sockets.")
    files: dict[str, str | None] = {
        "010-first/10-one/step.md": RICH,
        "010-first/10-one/solve.sh": "echo Solveonly\n",
        "010-first/10-one/check.sh": "hint Checkonly\n",
        "010-first/20-two/setup.sh": "echo Setuponly\n",
        "020-second/lesson.md": second,
        "020-second/10-a/step.md": STEP.replace("A step", "Sockets").replace("Some text.", "Docker can run."),
        "020-second/20-b/step.md": STEP.replace("Some text.", "A docker runs sockets, so docker run too."),
        "020-second/20-b/check.sh": "hint No\n",
        "020-second/20-b/solve.sh": "true\n",
    }
    return Index(course.read(write(files)))


def slugs(found: Found) -> list[str]:
    return [f"{hit.lesson.slug}/{hit.step.slug if hit.step else ''}" for hit in found.hits]


def shown(pieces: index.Marked) -> str:
    """The text, with its matches between brackets."""
    return "".join(f"[{text}]" if matches else text for text, matches in pieces)


def test_passages_are_prose_and_commands(write: Write) -> None:
    step = course.read(write({"010-first/10-one/step.md": RICH})).lessons[0].steps[0]
    assert passages(step.html) == (
        Passage("A limit on memory.max & the rest, which is Márk’s."),
        Passage("Ahead"),
        Passage("what · where"),
        Passage("quota · cpu.max"),
        Passage("docker run --rm busybox:1 \\", code=True),
        Passage("sh -c 'echo \"<b>\"'", code=True),
        Passage("plainly", code=True),
        Passage("one"),
        Passage("two"),
    )


@pytest.mark.parametrize(
    "word",
    [
        "outputonly", "fileonly", "questiononly", "optiononly", "whyonly", "explainonly", "hintonly", "foreseeonly",
        "truthonly", "laterwhy", "solveonly", "checkonly", "setuponly",
    ],
)  # fmt: skip
def test_nothing_that_spoils_is_found(rich: Index, word: str) -> None:
    assert rich.find(word) == Found()
    assert rich.find("quota").count == 1, "the step's text is"


def test_the_course_keeps_its_answers_to_itself() -> None:
    """No explanation, hint or script that could be told from ordinary words is in a step's HTML. What solves a step may
    be: mostly these are the commands that its text has typed."""
    asked = 0
    for lesson in course.read(Path(course.__file__).parent / "content").lessons:
        for step in lesson.steps:
            secret = [step.check, step.setup]
            for block in step.blocks:
                if isinstance(block, Quiz):
                    secret += [block.why, block.hint, *(option.why for option in block.options)]
                elif isinstance(block, Predict):
                    secret += [block.why, block.truth]
                asked += isinstance(block, Quiz | Predict)
            for text in secret:
                assert len(text) < 20 or text not in step.html, f"{lesson.slug}/{step.slug}: {text}"
    assert asked


def test_all_words_must_occur_each_as_the_beginning_of_one(rich: Index) -> None:
    assert slugs(rich.find("quota")) == slugs(rich.find("QUO lim")) == ["010-first/10-one"]
    assert rich.find("quota absent").count == rich.find("uota").count == 0
    assert slugs(rich.find("memory.max")) == slugs(rich.find("max -- memory?")) == ["010-first/10-one"]
    assert slugs(rich.find("c r m b")) == ["010-first/10-one"], "words of one letter"
    assert rich.find("") == rich.find(" -_- ") == Found()


@pytest.mark.parametrize("query", ["uber", "ÜBER", "über", "mark", "MÁRK", "ｑｕｏｔａ"])
def test_case_and_accents_do_not_matter(rich: Index, query: str) -> None:
    for form in ("NFC", "NFD"):
        found = rich.find(unicodedata.normalize(form, query))
        assert slugs(found) == ["010-first/10-one"]


def test_the_title_of_a_lesson_goes_for_its_steps_but_finds_none_alone(rich: Index) -> None:
    assert slugs(rich.find("second sockets")) == ["020-second/", "020-second/10-a", "020-second/20-b"]
    assert slugs(rich.find("second")) == ["020-second/"]


def test_titles_come_first_then_words_in_a_row_then_whole_ones(rich: Index) -> None:
    assert slugs(rich.find("sockets")) == ["020-second/10-a", "020-second/", "020-second/20-b"]
    assert slugs(rich.find("docker run")) == ["010-first/10-one", "020-second/20-b", "020-second/10-a"]
    assert slugs(rich.find("so"))[2:] == ["020-second/20-b", "010-first/20-two", "010-first/30-read"]
    assert slugs(rich.find("step")) == ["010-first/20-two", "010-first/30-read", "020-second/20-b"], (
        "in order"
    )


def test_a_hit_shows_where_it_matches(rich: Index) -> None:
    (hit,) = rich.find("rm sh doc").hits
    assert (shown(hit.title), shown(hit.excerpt), hit.code) == (
        "Über cgroups", "[docker] run --[rm] busybox:1 \\", True,
    )  # fmt: skip
    (hit,) = rich.find("cgroup").hits
    assert (shown(hit.title), shown(hit.excerpt)[:7], hit.code) == ("Über [cgroups]", "A limit", False)
    (hit,) = rich.find("ruNC").hits
    assert (shown(hit.title), shown(hit.excerpt), hit.step) == ("Second", "Of [runc] and sockets.", None)


@pytest.mark.parametrize("pad", ["word ", "ſé… ", "x" * 300 + " ", "y" * 300])
def test_of_a_long_line_the_part_is_shown_that_matches(write: Write, pad: str) -> None:
    text = f"{pad * 90}Needle and thread {pad * 90}"
    found = Index(course.read(write({"010-first/30-read/step.md": STEP.replace("Some text.", text)})))
    (hit,) = found.find("thread").hits if pad != "y" * 300 else found.find("y").hits
    excerpt = "".join(text for text, _ in hit.excerpt)
    assert any(matches for _, matches in hit.excerpt)
    assert len(excerpt) <= index.EXCERPT_LENGTH + 4
    assert excerpt.endswith(" …")
    if pad == "word ":
        assert excerpt.startswith("… word") and "Needle and thread word" in excerpt


def test_there_are_at_most_so_many_and_all_are_counted(write: Write) -> None:
    many: dict[str, str | None] = {"020-second/lesson.md": LESSON}
    for number in range(10, 60):
        many[f"020-second/{number}-x/step.md"] = STEP.replace("Some text", "Plenty")
        many[f"020-second/{number}-x/check.sh"] = "hint No\n"
        many[f"020-second/{number}-x/solve.sh"] = "true\n"
    found = Index(course.read(write(many))).find("plenty")
    assert (len(found.hits), found.count) == (index.MOST, 50)


def test_a_query_is_made_fit_to_be_shown() -> None:
    assert index.clean("  a\0b \x1b[m\n c ") == ("a b [m c", False)
    assert index.clean("x" * 100) == ("x" * 100, False)
    assert index.clean("x" * 101) == ("x" * 100, True)
    assert index.clean(" " * 10_000_000 + "x") == ("", True)
    assert index.clean("e\u0301\ud800") == ("é", False)


def test_the_index_is_built_once_for_each_course(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Index] = []
    everybody, second = threading.Barrier(8), threading.Barrier(2)

    class Counted(Index):
        def __init__(self, source: Course) -> None:
            built.append(self)
            with contextlib.suppress(threading.BrokenBarrierError):
                second.wait(0.2)  # for another that is built meanwhile
            super().__init__(source)

    def ask() -> None:
        everybody.wait()
        assert index.current().find("text").count == 3

    monkeypatch.setattr(index, "Index", Counted)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)
    (content / "010-first/30-read/step.md").write_text(STEP.replace("Some text", "Changed"))
    assert index.current().find("text").count == 2
    assert index.current().find("changed").count == 1
    assert len(built) == 2
