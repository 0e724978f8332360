"""Questions, files and catching up over the lesson channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from pytest_django import Settings

from lessons import block_consumer, checks, consumers, course, learners
from lessons.messages import Allowances
from lessons.models import CheckRequest, Learner
from sandbox.models import Sandbox, State

from .conftest import STEP, Shell, Write
from .test_consumers import PATIENCE, Page, run_checks, waiting
from .test_questions import CHOICE, PREDICT, fence

pytestmark = [pytest.mark.django_db(transaction=True)]
SLUG, ASKS = "010-first", "40-asks"


@pytest.fixture(autouse=True)
def allowances(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((consumers, "MESSAGES"), (consumers, "CHECKS"), (block_consumer, "ANSWERS")):
        monkeypatch.setattr(module, name, Allowances(rate=5, burst=10))


@pytest.fixture(autouse=True)
def asking(write: Write, settings: Settings, tmp_path: Path) -> dict[str, str]:
    """The ids of the blocks of a step, by what they are."""
    truth = PREDICT.replace("echo SECRET-TRUTH", 'cat "$LAB_TEST/truth"')
    file = f"```file path={tmp_path}/inside/a.txt\nas given\n```\n"
    body = STEP + fence("quiz", CHOICE) + fence("predict", truth) + file
    settings.LESSONS_CONTENT = write({f"{SLUG}/{ASKS}/step.md": body})
    step = course.get().by_slug[SLUG].by_slug[ASKS]
    return {block.id.partition("-")[0]: block.id for block in step.blocks}


@pytest.fixture
async def page(learner: Learner) -> AsyncIterator[Page]:
    opened = await Page(learners.sign(learner.key), step=ASKS).open()
    await opened.next("progress")
    yield opened
    await opened.socket.disconnect(timeout=PATIENCE)


async def test_an_answer_is_graded_and_told_to_every_page(
    page: Page, learner: Learner, asking: dict[str, str]
) -> None:
    other = await Page(learners.sign(learner.key), step=ASKS).open()
    await other.next("progress")
    await page.say(type="answer", step=ASKS, block=asking["quiz"], value=1)
    for one in (page, other):
        said = await one.next("answer")
        assert (said["state"], said["value"], said["whys"]) == ("wrong", 1, {"1": "SECRET-WRONG"})
    await page.say(type="answer", step=ASKS, block=asking["quiz"], value="0")
    assert "Choose one" in (await page.next("block-refused"))["message"]
    await page.say(type="answer", step=ASKS, block=asking["quiz"], value=0)
    while (said := await other.next("answer"))["state"] == "wrong":
        pass  # one that connects while an answer is graded may hear of it twice
    assert said["state"] == "right"
    await other.socket.disconnect(timeout=PATIENCE)
    later = await Page(learners.sign(learner.key), step=ASKS).open()
    assert (await later.next("answer"))["state"] == "right", "a page that comes later is told too"
    await later.socket.disconnect(timeout=PATIENCE)


@pytest.mark.usefixtures("sandbox")
async def test_the_truth_comes_when_it_has_been_read_and_the_step_is_done(
    page: Page, shell: Shell, asking: dict[str, str]
) -> None:
    (shell.folder / "truth").write_text("web\n")
    await page.say(type="answer", step=ASKS, block=asking["quiz"], value=0)
    await page.next("answer")
    await page.say(type="answer", step=ASKS, block=asking["predict"], value="db")
    assert (await page.next("answer"))["state"] == "running"
    await waiting()
    await run_checks()
    said = await page.next("answer")
    assert (said["block"], said["state"], said["truth"]) == (asking["predict"], "seen", "web")
    assert (await page.next("progress"))["done"] == [ASKS]


@pytest.mark.usefixtures("sandbox")
async def test_a_file_is_saved_or_refused(page: Page, shell: Shell, asking: dict[str, str]) -> None:
    await page.say(type="save", step=ASKS, block=asking["file"], value="x" * 30_000)
    assert len((await page.next("file"))["text"]) == 30_000
    assert (shell.folder / "a.txt").read_text() == "x" * 30_000
    await page.say(type="save", step=ASKS, block=asking["file"], value="x" * 40_000)
    assert "32 KiB" in (await page.next("block-refused"))["message"]
    await page.say(type="save", step=ASKS, block=asking["file"], value="x" * 10_000_000)
    assert "too long" in (await page.next("error"))["message"]
    await page.say(type="save", step=ASKS, block="file-none", value="x")
    assert "reload" in (await page.next("error"))["message"]


@pytest.mark.parametrize("block", [None, 7, "", "check", "file-0", ["a"]])
async def test_answers_to_no_question(page: Page, block: Any) -> None:
    await page.say(type="answer", step=ASKS, block=block, value=0)
    assert "reload" in (await page.next("error"))["message"]


async def test_answers_without_end_are_refused(
    page: Page, asking: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(block_consumer, "ANSWERS", Allowances(rate=0.01, burst=1))
    for _ in range(2):
        await page.say(type="answer", step=ASKS, block=asking["quiz"], value=1)
    assert "very often" in (await page.next("block-refused"))["message"]


async def test_a_step_is_caught_up_to(page: Page, learner: Learner, sandbox: Sandbox, shell: Shell) -> None:
    await page.say(type="catch-up", step="30-read")
    said = await page.next("catch-up")
    assert (said["state"], [step["state"] for step in said["steps"]]) == ("running", ["waiting", "waiting"])
    fresh = await page.sandbox("preparing", other_than=sandbox.key)
    await database_sync_to_async(Sandbox.move)(fresh["key"], frm=(State.PREPARING,), to=State.READY)
    await run_checks()
    while (said := await page.next("catch-up"))["state"] == "running":
        pass
    assert (said["state"], [step["state"] for step in said["steps"]]) == ("done", ["done", "done"])
    assert (shell.folder / "two").exists()
    await page.say(type="catch-up", step="30-read")
    await page.next("catch-up")
    await page.say(type="stop")
    while (said := await page.next("catch-up"))["state"] == "running":
        pass
    assert said["state"] == "stopped"


async def test_a_page_that_leaves_forgets_its_check(page: Page, learner: Learner) -> None:
    await page.say(type="check", step="10-one", asked=False)
    await waiting()
    await page.say(type="leave", step="10-one")
    await page.say(type="solve", step="10-one")
    await page.next("solution")
    rows = database_sync_to_async(lambda: list(CheckRequest.objects.values()))
    assert await rows() == []


@pytest.mark.usefixtures("sandbox")
async def test_a_lost_event_leaves_no_prediction_and_no_catching_up_behind(
    page: Page, shell: Shell, asking: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "LOOK_WHEN_READY", 0.05)
    monkeypatch.setattr(consumers, "LOOK_AT_ROWS", 0.05)
    monkeypatch.setattr(checks, "tell", lambda *lost, **fields: None)
    (shell.folder / "truth").write_text("web\n")
    await page.say(type="answer", step=ASKS, block=asking["predict"], value="web")
    assert (await page.next("answer"))["state"] == "running"
    await waiting()
    await run_checks()
    assert (await page.next("answer"))["state"] == "seen"
    await page.say(type="catch-up", step="30-read")
    assert (await page.next("catch-up"))["state"] == "running"
    await page.say(type="stop")
    while (said := await page.next("catch-up"))["state"] == "running":
        pass
    assert said["state"] == "stopped"
