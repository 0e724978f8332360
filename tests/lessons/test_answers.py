"""Answers from the page to the row and back, and when a step with questions is done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lessons import answers, checks, course, progress, scripts, work
from lessons.blocks import Unreadable
from lessons.models import Answer, CheckRequest, Learner
from lessons.tree import Lesson, Step
from sandbox.models import Sandbox, State

from .conftest import STEP, Shell, Write
from .test_questions import CHOICE, CHOICES, NUMBER, PREDICT, fence

SLUG, ASKS, BOTH = "010-first", "40-asks", "50-both"
TRUTH = PREDICT.replace("echo SECRET-TRUTH", 'cat "$LAB_TEST/truth"')


@pytest.fixture
def asking(write: Write, settings: Any) -> Lesson:
    """A lesson with a step of questions alone, and one with a check and a prediction."""
    settings.LESSONS_CONTENT = write(
        {
            f"{SLUG}/{ASKS}/step.md": STEP + fence("quiz", CHOICE) + fence("quiz", NUMBER),
            f"{SLUG}/{BOTH}/step.md": STEP + fence("predict", TRUTH),
            f"{SLUG}/{BOTH}/check.sh": '[ -e "$LAB_TEST/both" ] || hint "There is no file both."\n',
            f"{SLUG}/{BOTH}/solve.sh": 'touch "$LAB_TEST/both"\n',
        }
    )
    return course.get().by_slug[SLUG]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(
        checks, "tell", lambda learner, event, **fields: events.append({"type": event, **fields})
    )
    monkeypatch.setattr(checks, "_enqueue", lambda pk: None)
    return events


def run_all() -> None:
    for pk in list(CheckRequest.objects.filter(state="waiting").values_list("pk", flat=True)):
        checks.run(pk)


def blocks(step: Step) -> list[str]:
    return list(step.graded)


@pytest.mark.usefixtures("told")
def test_a_quiz_is_graded_kept_and_done_with_the_last_right_answer(asking: Lesson, learner: Learner) -> None:
    step = asking.by_slug[ASKS]
    choice, counted = blocks(step)
    said, newly = work.take_answer(learner.key, asking, step, choice, 1)
    assert (said["state"], said["hint"], said["whys"], newly) == (
        "wrong",
        "SECRET-HINT",
        {"1": "SECRET-WRONG"},
        False,
    )
    assert "right" not in said
    assert said["why"] == ""
    said, newly = work.take_answer(learner.key, asking, step, choice, 0)
    assert (said["state"], said["right"], said["tries"], newly) == ("right", [0], 2, False)
    assert said["whys"] == {"0": "SECRET-RIGHT", "1": "SECRET-WRONG"}
    assert said["why"] == "SECRET-WHY"
    said, _ = work.take_answer(learner.key, asking, step, choice, 1)
    assert (said["state"], said["value"], said["tries"]) == ("right", 0, 2), "what is right stays"
    row = Answer.objects.get(block=choice)
    assert (row.first, row.last, row.tries) == (1, 0, 2)
    assert progress.done_steps(learner.key, SLUG) == set()
    assert work.take_answer(learner.key, asking, step, counted, "20 971 520")[1]
    assert progress.done_steps(learner.key, SLUG) == {ASKS}
    assert [one["state"] for one in answers.states(learner.key, SLUG, step)] == ["right", "right"]
    assert answers.states(Learner.objects.create().key, SLUG, step) == []


@pytest.mark.usefixtures("told")
def test_what_is_no_answer_is_no_try(asking: Lesson, learner: Learner) -> None:
    step = asking.by_slug[ASKS]
    with pytest.raises(Unreadable):
        work.take_answer(learner.key, asking, step, blocks(step)[1], "many")
    assert not Answer.objects.exists()


@pytest.mark.usefixtures("sandbox")
def test_a_prediction_is_answered_by_the_sandbox(
    asking: Lesson, learner: Learner, shell: Shell, told: list[dict[str, Any]]
) -> None:
    (shell.folder / "truth").write_text("not this\n<b>web</b>\n\n")
    step = asking.by_slug[BOTH]
    (block,) = blocks(step)
    said, newly = work.take_answer(learner.key, asking, step, block, "db")
    assert (said["state"], said["why"], newly) == ("running", "", False)
    assert [one["state"] for one in answers.states(learner.key, SLUG, step)] == ["running"]
    run_all()
    assert told == [{"type": "answer.graded", "lesson": SLUG, "step": BOTH, "block": block}]
    (seen,) = answers.states(learner.key, SLUG, step)
    assert (seen["state"], seen["truth"], seen["agrees"]) == ("seen", "<b>web</b>", False)
    assert seen["why"] == "It is <strong>&lt;b&gt;web&lt;/b&gt;</strong>."
    assert progress.done_steps(learner.key, SLUG) == set(), "the check has not passed"
    told.clear()
    (shell.folder / "both").touch()
    checks.request(learner.key, SLUG, BOTH)
    run_all()
    assert [event["type"] for event in told] == ["check.result", "progress.changed"]
    assert progress.done_steps(learner.key, SLUG) == {BOTH}


@pytest.mark.usefixtures("sandbox", "told")
def test_a_check_that_passes_before_the_question_is_answered(
    asking: Lesson, learner: Learner, shell: Shell
) -> None:
    (shell.folder / "both").touch()
    checks.request(learner.key, SLUG, BOTH)
    run_all()
    assert progress.done_steps(learner.key, SLUG) == set()
    assert progress.check_passed(learner.key, SLUG, BOTH)
    (shell.folder / "truth").write_text("web\n")
    step = asking.by_slug[BOTH]
    work.take_answer(learner.key, asking, step, blocks(step)[0], " WEB")
    run_all()
    assert progress.done_steps(learner.key, SLUG) == {BOTH}
    assert answers.states(learner.key, SLUG, step)[0]["agrees"]


@pytest.mark.usefixtures("sandbox", "told")
def test_a_truth_that_cannot_be_read_is_never_wrong(asking: Lesson, learner: Learner, shell: Shell) -> None:
    step = asking.by_slug[BOTH]
    (block,) = blocks(step)
    work.take_answer(learner.key, asking, step, block, "db")
    run_all()
    (said,) = answers.states(learner.key, SLUG, step)
    assert (said["state"], said["hint"], said["value"]) == ("could-not", scripts.NO_TRUTH, "db")
    (shell.folder / "truth").write_text("web\n")
    assert work.take_answer(learner.key, asking, step, block, "db")[0]["state"] == "running"
    run_all()
    assert answers.states(learner.key, SLUG, step)[0]["state"] == "seen"


@pytest.mark.usefixtures("told")
def test_a_truth_without_a_sandbox(asking: Lesson, learner: Learner) -> None:
    step = asking.by_slug[BOTH]
    work.take_answer(learner.key, asking, step, blocks(step)[0], "db")
    run_all()
    (said,) = answers.states(learner.key, SLUG, step)
    assert (said["state"], said["hint"]) == ("could-not", scripts.NO_SANDBOX)


@pytest.mark.usefixtures("sandbox", "told")
def test_a_number_that_the_sandbox_does_not_give(
    write: Write, settings: Any, learner: Learner, shell: Shell
) -> None:
    body = STEP + fence("predict", TRUTH.replace("kind: text", "kind: number"))
    settings.LESSONS_CONTENT = write({f"{SLUG}/{ASKS}/step.md": body})
    lesson = course.get().by_slug[SLUG]
    step = lesson.by_slug[ASKS]
    (shell.folder / "truth").write_text("many\n")
    work.take_answer(learner.key, lesson, step, blocks(step)[0], "3")
    run_all()
    assert answers.states(learner.key, SLUG, step)[0]["state"] == "could-not"


def test_an_answer_to_another_question_is_not_shown(
    asking: Lesson, write: Write, learner: Learner, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = asking.by_slug[ASKS]
    work.take_answer(learner.key, asking, step, blocks(step)[0], 0)
    settings.LESSONS_CONTENT = write({f"{SLUG}/{ASKS}/step.md": STEP + fence("quiz", CHOICES)})
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)
    assert answers.states(learner.key, SLUG, course.get().by_slug[SLUG].by_slug[ASKS]) == []


# Files


def edited(write: Write, settings: Any, folder: Path, text: str = "one\n") -> tuple[Lesson, Step, str]:
    body = STEP + f"```file path={folder}/app/a.txt mode=0600\n{text}```\n"
    settings.LESSONS_CONTENT = write({f"{SLUG}/10-one/step.md": body})
    lesson = course.get().by_slug[SLUG]
    step = lesson.by_slug["10-one"]
    return lesson, step, next(iter(step.files))


def test_a_file_is_saved_into_the_sandbox_and_kept(
    write: Write, settings: Any, learner: Learner, sandbox: Sandbox, shell: Shell
) -> None:
    lesson, step, block = edited(write, settings, shell.folder)
    said, newly = work.save_file(learner.key, lesson, step, block, "zwei\n\té")
    assert (said["type"], said["text"], said["sandbox"], newly) == ("file", "zwei\n\té", sandbox.key, False)
    file = shell.folder / "app/a.txt"
    assert file.read_text() == "zwei\n\té"
    assert file.stat().st_mode & 0o777 == 0o600
    inode = file.stat().st_ino
    work.save_file(learner.key, lesson, step, block, "")
    assert (file.read_text(), file.stat().st_ino) == ("", inode), "a container may have it mounted"
    assert work.states(learner.key, SLUG, step)[0]["text"] == ""
    file.unlink()
    work.provide_files(learner.key, step)
    assert file.read_text() == "one\n"
    file.write_text("mine\n")
    work.provide_files(learner.key, step)
    assert file.read_text() == "mine\n", "what is there is the learner's"


@pytest.mark.usefixtures("sandbox")
def test_a_file_where_none_can_be(write: Write, settings: Any, learner: Learner, shell: Shell) -> None:
    lesson, step, block = edited(write, settings, shell.folder)
    (shell.folder / "app").mkdir()
    os_file = shell.folder / "app/a.txt"
    os_file.mkdir()
    with pytest.raises(Exception, match="is there already and is no file"):
        work.save_file(learner.key, lesson, step, block, "x")
    os_file.rmdir()
    os_file.symlink_to(shell.folder / "nowhere")
    with pytest.raises(Exception, match="is a link that leads nowhere"):
        work.save_file(learner.key, lesson, step, block, "x")
    os_file.unlink()
    (shell.folder / "app").rmdir()
    (shell.folder / "app").write_text("a file")
    with pytest.raises(Exception, match="cannot be made"):
        work.save_file(learner.key, lesson, step, block, "x")
    for wrong in ("x" * 40_000, None, "a\0b"):
        with pytest.raises(ValueError, match=r"KiB|Only text"):
            work.save_file(learner.key, lesson, step, block, wrong)
    assert work.states(learner.key, SLUG, step) == []


def test_a_file_without_a_sandbox(write: Write, settings: Any, learner: Learner, tmp_path: Path) -> None:
    lesson, step, block = edited(write, settings, tmp_path)
    Sandbox.objects.create(owner=learner.key, profile="docker", state=State.PREPARING)
    with pytest.raises(Exception, match="no running sandbox"):
        work.save_file(learner.key, lesson, step, block, "x")
