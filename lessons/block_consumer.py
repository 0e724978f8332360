"""What a page's channel does about questions, files and catching up; the rest is in lessons.consumers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer

from lessons import catchup, checks, work
from lessons.messages import Allowances, Message
from lessons.models import CheckRequest
from lessons.tree import Lesson, Step
from sandbox import service
from sandbox.errors import SandboxError

AWAY = timedelta(seconds=60)
"""How old a result may be that a page is told when it connects."""
ANSWERS = Allowances(rate=2, burst=20)
"""Answers and saved files per learner, whatever number of pages they have open."""

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run something that blocks on the database or a driver in a thread of its own."""
    answer: T = await database_sync_to_async(call, thread_sensitive=False)(*args, **kwargs)
    return answer


class BlockConsumer(AsyncJsonWebsocketConsumer):
    """One open page of a lesson, as far as the blocks of its step go."""

    learner: str = ""
    lesson: Lesson
    step: str = ""
    awaited: frozenset[str] = frozenset()
    """Predictions whose truth the page believes to be read just now."""
    catching_up: bool = False
    """Whether the page believes that catching up is under way."""

    async def send_solution(self, step: Step) -> None:
        """Show the solution; the step's files that are not there yet are saved, for it may rely on them."""
        await in_thread(work.provide_files, self.learner, step)
        commands = list(step.solution)
        await self.send_json({"type": "solution", "step": step.slug, "commands": commands})

    async def take_block(self, message: Message) -> None:
        """An answer or a file to save. All pages of the learner are told, this one in any case."""
        take = work.take_answer if message.type == "answer" else work.save_file
        step = self.lesson.by_slug[message.step]
        try:
            if not ANSWERS.take(self.learner):
                raise ValueError("That was very often just now; wait a few seconds, then try again.")
            told, newly = await in_thread(take, self.learner, self.lesson, step, message.block, message.value)
        except (ValueError, SandboxError) as error:
            words = error.message if isinstance(error, SandboxError) else str(error)
            said = {"step": message.step, "block": message.block, "message": words}
            await self.send_json({"type": "block-refused", **said})
            return
        await self._tell_block(told)
        event = {
            "type": "learner.block",
            "lesson": self.lesson.slug,
            "message": told,
            "by": self.channel_name,
        }
        await self.channel_layer.group_send(checks.group(self.learner), event)
        if newly:
            await in_thread(checks.tell, self.learner, "progress.changed", lesson=self.lesson.slug)

    async def begin_catching_up(self, step: str, address: str) -> None:
        """A fresh sandbox, in which the steps before this one will be done. Raises SandboxError."""
        await in_thread(checks.stop_catching_up, self.learner)
        await in_thread(service.reset, self.learner, self.lesson.profile, address)
        await in_thread(checks.request, self.learner, self.lesson.slug, step, kind=CheckRequest.Kind.CATCH_UP)
        await self.channel_layer.group_send(checks.group(self.learner), {"type": "learner.sandbox"})
        await self.send_catch_up()

    async def send_catch_up(self) -> None:
        """Tell how far catching up is, if it is under way or has ended lately."""
        found = await in_thread(checks.catching_up, self.learner, self.lesson.slug, since=AWAY)
        if found is not None:
            row, state = found
            await self._tell_catch_up(row.step, state, row.progress, row.hint)

    async def send_answers(self, block: str = "") -> None:
        """Tell what the learner has answered and saved in the open step."""
        step = self.lesson.by_slug.get(self.step)
        if step is not None:
            for message in await in_thread(work.states, self.learner, self.lesson.slug, step, block):
                await self._tell_block(message)

    async def look_at_blocks(self) -> None:
        """What the page waits for may be over, and the event that told it lost."""
        step = self.lesson.by_slug.get(self.step)
        if step is not None and self.awaited:
            for message in await in_thread(work.states, self.learner, self.lesson.slug, step):
                if message["block"] in self.awaited and message["state"] != "running":
                    await self._tell_block(message)
        if self.catching_up:
            await self.send_catch_up()

    async def _tell_block(self, message: dict[str, Any]) -> None:
        if message["type"] == "answer":
            running = message["state"] == "running"
            block = {message["block"]}
            self.awaited = self.awaited | block if running else self.awaited - block
        await self.send_json(message)

    async def _tell_catch_up(self, step: str, state: str, progress: dict[str, Any], hint: str) -> None:
        self.catching_up = state == "running"
        said = catchup.message(self.lesson, step, state, progress, hint)
        await self.send_json({"type": "catch-up", **said})

    async def answer_graded(self, event: dict[str, Any]) -> None:
        """The truth of a prediction has been read, or could not be."""
        if event["lesson"] == self.lesson.slug and event["step"] == self.step:
            await self.send_answers(event["block"])

    async def learner_block(self, event: dict[str, Any]) -> None:
        """Another page of the learner has answered a question, or saved a file."""
        if event["lesson"] == self.lesson.slug and event["by"] != self.channel_name:
            await self._tell_block(event["message"])

    async def catch_up(self, event: dict[str, Any]) -> None:
        if event["lesson"] == self.lesson.slug and event["step"] in self.lesson.by_slug:
            told = (event["state"], event["progress"], event["hint"])
            await self._tell_catch_up(event["step"], *told)
