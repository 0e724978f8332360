"""Quiz, predict and file blocks: what an author may write, what the page gets, and what counts as right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from lessons.blocks import File, Predict, Quiz, Unreadable, number
from lessons.markup import Rendered, render
from lessons.problems import Report

CHOICE = """kind: choice
question: What is `/`?
options:
  - text: A *root*
    right: true
    why: SECRET-RIGHT
  - text: A leaf
    why: SECRET-WRONG
why: SECRET-WHY
hint: SECRET-HINT
"""
CHOICES = CHOICE.replace("kind: choice", "kind: choices").replace("A leaf", "A log\n    right: true")
NUMBER = "kind: number\nquestion: How many?\nanswer: 20971520\ntolerance: 2\n"
TEXT = "kind: text\nquestion: Who?\nanswer: The kernel\naccept: [Linux, 'the Linux  kernel']\n"
PREDICT = "kind: text\nquestion: Which?\ntruth: |\n  echo SECRET-TRUTH\nwhy: It is {{truth}}.\n"


def fence(kind: str, body: str) -> str:
    return f"```{kind}\n{body}```\n"


def shown(body: str) -> Rendered:
    report = Report()
    found = render(body, "step.md", 1, report)
    assert report.problems == []
    return found


def quiz(body: str) -> Quiz:
    (block,) = shown(fence("quiz", body)).blocks
    assert isinstance(block, Quiz)
    return block


def predict(body: str) -> Predict:
    (block,) = shown(fence("predict", body)).blocks
    assert isinstance(block, Predict)
    return block


@pytest.mark.parametrize(
    ("kind", "body"),
    [("quiz", CHOICE), ("quiz", CHOICES), ("quiz", NUMBER), ("quiz", TEXT), ("predict", PREDICT)],
)
def test_the_page_has_the_question_and_nothing_of_the_answer(kind: str, body: str) -> None:
    found = shown(fence(kind, body))
    (block,) = found.blocks
    assert f'<form class="question" data-block="{block.id}" data-role="{kind}"' in found.html
    for secret in ("SECRET", "right:", "20971520", "kernel", "Linux", "echo"):
        assert secret not in found.html


def test_texts_are_markdown_and_safe() -> None:
    found = shown(fence("quiz", CHOICE.replace("A leaf", "'<script>`x`</script>'")))
    assert "<legend>What is <code>/</code>?</legend>" in found.html
    assert "<span>A <em>root</em></span>" in found.html
    assert "<span>&lt;script&gt;<code>x</code>&lt;/script&gt;</span>" in found.html


@pytest.mark.parametrize(
    ("body", "right", "wrong"),
    [
        (CHOICE, [0], [1]),
        (CHOICES, [[0, 1], [1, 0]], [[0], [1]]),
        (NUMBER, ["20971520", "20 971 520", "20,971,520", "+20971522", "20971519.5"], ["20", "20971523"]),
        (TEXT, ["the kernel", " THE  KERNEL ", "linux", "the linux kernel"], ["kernel", "the-kernel"]),
    ],
)
def test_which_answers_are_right(body: str, right: list[Any], wrong: list[Any]) -> None:
    block = quiz(body)
    assert [block.is_right(block.read(value)) for value in right] == [True] * len(right)
    assert [block.is_right(block.read(value)) for value in wrong] == [False] * len(wrong)


@pytest.mark.parametrize(
    ("body", "value", "message"),
    [
        (CHOICE, None, "Choose one"),
        (CHOICE, True, "Choose one"),
        (CHOICE, 2, "Choose one"),
        (CHOICE, -1, "Choose one"),
        (CHOICE, "0", "Choose one"),
        (CHOICES, [], "at least one"),
        (CHOICES, [0, 0, 1], "at least one"),
        (CHOICES, [[]], "Choose one"),
        (NUMBER, "twenty", "Write a number"),
        (NUMBER, "20MiB", "Write a number"),
        (NUMBER, "1e999999999", "Write a number"),
        (NUMBER, "9" * 31, "Write a number"),
        (NUMBER, "1 1", "Write a number"),
        (NUMBER, "1,2,3", "Write a number"),
        (NUMBER, "٣", "Write a number"),
        (NUMBER, 7, "Write an answer"),
        (TEXT, "  ", "Write an answer"),
        (TEXT, "x" * 501, "500 characters"),
        (TEXT, {"a": 1}, "Write an answer"),
    ],
)
def test_what_is_no_answer_at_all(body: str, value: Any, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        quiz(body).read(value)


def test_numbers_as_people_write_them() -> None:
    written = {
        "1 000,5": "1000.5",
        "1'000.25": "1000.25",
        " 42\n": "42",
        "1,5": "1.5",
        "-3": "-3",
        "1_000": "1000",
        "1,000": "1000",
        "1,000,000.5": "1000000.5",
    }
    assert {text: number(text) for text in written} == {text: Decimal(of) for text, of in written.items()}


def test_predictions_agree_with_the_truth_or_not() -> None:
    text = predict(PREDICT)
    assert (text.agrees("Web ", "web"), text.agrees("web", "db")) == (True, False)
    counted = predict(PREDICT.replace("kind: text", "kind: number"))
    assert (counted.agrees("1 000", "1000"), counted.agrees("1", "2")) == (True, False)
    with pytest.raises(Unreadable):
        counted.agrees("1", "one")
    chosen = predict(PREDICT.replace("kind: text", "kind: choice\noptions: [Running, Exited]"))
    assert (chosen.read(1), chosen.agrees(1, "exited"), chosen.agrees(0, "exited")) == (1, True, False)


def test_an_id_changes_with_the_question_only() -> None:
    same = quiz(CHOICE.replace("SECRET-HINT", "another hint"))
    assert same.id == quiz(CHOICE).id
    assert quiz(CHOICE.replace("A leaf", "A log")).id != same.id
    assert quiz(CHOICE.replace("What", "Where")).id != same.id


def test_file_blocks() -> None:
    found = shown("```file path=/root/app/run.sh mode=0755\n\n<b>\nb\n```\n")
    (block,) = found.blocks
    assert isinstance(block, File)
    assert (block.path, block.mode, block.text) == ("/root/app/run.sh", "0755", "\n<b>\nb\n")
    assert '">\n\n&lt;b&gt;\nb\n</textarea>' in found.html
    assert "1\n2\n3\n4</pre>" in found.html


@pytest.mark.parametrize(
    ("body", "line", "message"),
    [
        (fence("quiz", "kind: [\n"), 2, "not YAML"),
        (fence("quiz", "just words\n"), 2, "lines of `key: value`"),
        (fence("quiz", CHOICE + "color: red\n"), 12, "unknown key color"),
        (fence("quiz", CHOICE + "hint: x\n"), 12, "hint is given twice"),
        (fence("quiz", CHOICE.replace("question: What is `/`?\n", "")), 2, "question is missing"),
        (fence("quiz", CHOICE.replace("kind: choice", "kind: maybe")), 2, "there is no kind maybe"),
        (fence("quiz", CHOICE.replace("kind: choice", "kind: text")), 4, "options does not go with kind text"),
        (fence("quiz", CHOICE + "answer: x\n"), 12, "answer does not go with kind choice"),
        (fence("quiz", CHOICE.replace("right: true", "right: maybe")), 6, "right must be true or false"),
        (fence("quiz", CHOICE.replace("    right: true\n", "")), 4, "0 options have right: true"),
        (fence("quiz", CHOICES.replace("    right: true\n", "")), 4, "no option has right: true"),
        (fence("quiz", CHOICE.replace("A leaf", "A *root*")), 8, "is given twice"),
        (fence("quiz", "kind: choice\nquestion: x\noptions:\n  - a\n  - text: b\n"), 5, "must be lines of text"),
        (fence("quiz", "kind: choice\nquestion: x\noptions:\n  - text: a\n    right: true\n"), 4, "2 to 10"),
        (fence("quiz", "kind: choice\nquestion: x\n"), 2, "options is missing"),
        (fence("quiz", "kind: number\nquestion: x\n"), 2, "answer is missing"),
        (fence("quiz", "kind: number\nquestion: x\nanswer: many\n"), 4, "answer must be a number"),
        (fence("quiz", "kind: number\nquestion: x\nanswer: .inf\n"), 4, "answer must be a number"),
        (fence("quiz", NUMBER.replace("2\n", "-2\n")), 5, "tolerance must not be"),
        (fence("quiz", TEXT.replace("[Linux, 'the Linux  kernel']", "Linux")), 5, "accept must be a list"),
        (fence("quiz", CHOICE.replace("SECRET-HINT", "'[x](javascript:y) [z](/a)'")), 11, "hint holds the link"),
        (fence("quiz", CHOICE.replace("SECRET-HINT", "|\n  a\n\n  b")), 11, "hint may have one paragraph"),
        (fence("quiz", CHOICE) + fence("quiz", CHOICE), 13, "another quiz of this step is the same"),
        (fence("predict", PREDICT.replace("truth: |\n  echo SECRET-TRUTH\n", "")), 2, "truth is missing"),
        (fence("predict", PREDICT.replace("kind: text", "kind: choices")), 2, "there is no kind choices"),
        (fence("predict", PREDICT.replace("kind: text", "kind: choice")), 2, "options is missing"),
        (fence("predict", PREDICT + "options: [a, b]\n"), 7, "options does not go with"),
        (fence("file", "x\n"), 1, "fence file needs path=…"),
        (fence("file path=app", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/root/../etc/passwd", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/root/./a", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/root//a", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/root/a/", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/proc/sysrq-trigger", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/root/a;b", "x\n"), 1, "needs the absolute path"),
        (fence("file path=/a mode=755", "x\n"), 1, "four octal digits"),
        (fence("file path=/a mode=4755", "x\n"), 1, "four octal digits"),
        (fence("file path=/a", "x\n" * 20_000), 2, "32768 bytes"),
        (fence("run user=root", "ls\n"), 1, "needs learner"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_with_its_line(body: str, line: int, message: str) -> None:
    report = Report()
    render(body, "step.md", 1, report)
    assert [problem.line for problem in report.problems if message in problem.message] == [line], [
        str(problem) for problem in report.problems
    ]
