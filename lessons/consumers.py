"""The lesson channel: a page hears of its sandbox, its checks and its progress, and asks for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from asgiref.sync import sync_to_async
from django.conf import settings

from lab.proxy import client_address
from lessons import checks, course, perform, progress, scripts
from lessons.block_consumer import AWAY, BlockConsumer, in_thread
from lessons.messages import Allowances, Malformed, Message, Refused, parse
from lessons.models import CheckRequest, Learner
from lessons.scripts import Verdict
from lessons.tree import Lesson
from sandbox import service, waiting
from sandbox.errors import SandboxError
from sandbox.models import LIVE, State

log = logging.getLogger(__name__)

MALFORMED, NOT_SIGNED_IN, NO_LESSON = 4400, 4401, 4404
GONE = 1012
"""As a server closes that will be back: the page connects again."""
LOOK_AT_SETUP = 1.0
LOOK_AT_ROWS = 2.0
LOOK_WHEN_READY = 5.0
LOOK_AT_FILES = 1.0
SETTLED = ("ready", "asleep", "other")
HELD = (State.QUEUED, *LIVE)
OTHER = {
    "docker": "This lesson needs a sandbox with Docker alone. It takes the place of the one with a cluster that you "
    "have now, and what is in that will be gone; what you have finished stays.",
    "kubernetes": "This lesson needs a sandbox with a cluster. It takes the place of the one that you have now, and "
    "what is in that will be gone; what you have finished stays.",
}
"""What is told to a learner who has a sandbox of another profile than the lesson's."""

MESSAGES = Allowances(rate=5, burst=40)
CHECKS = Allowances(rate=2, burst=10)
"""Per learner, whatever number of pages they have open."""


class LessonConsumer(BlockConsumer):
    """One open page of a lesson. `?step=SLUG` names the step that it shows."""

    sandbox_key: str | None = None
    version: str = ""
    ports: list[dict[str, Any]] | None = None
    """The open ports as the page last heard them."""
    told: dict[str, Any] | None = None
    """The state of the sandbox as the page last heard it."""
    engine_alive: bool = True
    checking: frozenset[str] = frozenset()
    """Steps whose check the page believes to run."""

    async def connect(self) -> None:
        self.watchers: dict[str, asyncio.Task[None]] = {}
        await self.accept()
        key = self.scope.get("learner_key")
        if not key or not await in_thread(Learner.objects.filter(key=key).exists):
            await self.close(NOT_SIGNED_IN)
            return
        loaded = await sync_to_async(course.get, thread_sensitive=False)()
        lesson = loaded.by_slug.get(self.scope["url_route"]["kwargs"]["lesson"])
        if lesson is None:
            await self.close(NO_LESSON)
            return
        self.learner, self.lesson, self.version = key, lesson, loaded.version
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        self.step = query.get("step", [""])[0]
        await self.channel_layer.group_add(checks.group(key), self.channel_name)
        await self._send_sandbox()
        await self._send_progress()
        for message in await in_thread(checks.pending, key, lesson.slug, since=AWAY):
            await self._send_check(**message)
        await self.send_answers()
        await self.send_catch_up()
        self._watch("rows", self._watch_rows)
        if settings.DEBUG:
            self._watch("files", self._watch_files)

    async def disconnect(self, code: int) -> None:
        for task in self.watchers.values():
            task.cancel()
        if not self.learner:
            return
        await self.channel_layer.group_discard(checks.group(self.learner), self.channel_name)
        if self.sandbox_key:
            await self.channel_layer.group_discard(service.group(self.sandbox_key), self.channel_name)

    # From the page

    async def receive(
        self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any
    ) -> None:
        if not self.learner:
            return
        try:
            if text_data is None:
                raise Malformed("A message must be text.")
            message = parse(text_data, self.lesson)
            if not MESSAGES.take(self.learner):
                raise Refused("That was too much at once; wait a few seconds, then try again.")
            await self._follow(message)
        except Malformed as error:
            log.warning("The lesson channel of %s is closed: %s", self.learner, error)
            await self.close(MALFORMED)
        except Refused as error:
            await self.send_json({"type": "error", "message": str(error)})
        except SandboxError as error:
            await self.send_json({"type": "error", "message": error.message})

    async def _follow(self, message: Message) -> None:
        if message.type == "check":
            await self._check(message.step, message.asked)
        elif message.type == "leave":
            await in_thread(checks.leave, self.learner, self.lesson.slug, message.step)
        elif message.type == "solve":
            await self.send_solution(self.lesson.by_slug[message.step])
        elif message.type in ("answer", "save"):
            await self.take_block(message)
        elif message.type == "catch-up":
            await self.begin_catching_up(message.step, self._address())
        elif message.type == "stop":
            await in_thread(checks.stop_catching_up, self.learner)
        elif message.type == "layout":
            arranged = await in_thread(service.arrange, self.learner, message.key, message.layout)
            event = {
                "type": "learner.layout",
                "key": message.key,
                "layout": arranged,
                "by": self.channel_name,
            }
            await self.channel_layer.group_send(checks.group(self.learner), event)
        elif message.type == "ports":
            await self._send_ports()
        elif message.type == "close-terminal":
            await in_thread(service.close_terminal, self.learner, message.key, message.name)
            await self.send_json({"type": "terminal-closed", "name": message.name})
        elif message.type == "present":
            await in_thread(service.see, self.learner)
        elif message.type in ("wake", "keep"):
            await in_thread(service.use, self.learner)
        else:
            await self._ask(message.type)

    async def _ask(self, kind: str) -> None:
        """Claim, reset, or give up a place in the queue, and have all pages of the learner look what came of it."""
        if kind == "give-up":
            await in_thread(service.give_up, self.learner)
        else:
            act = service.claim if kind == "claim" else service.reset
            await in_thread(act, self.learner, self.lesson.profile, self._address())
        await self.channel_layer.group_send(checks.group(self.learner), {"type": "learner.sandbox"})

    def _address(self) -> str:
        headers = dict(self.scope["headers"])  # of several with one name the last, which is the proxy's
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        return client_address((self.scope.get("client") or [""])[0], forwarded)

    async def _check(self, step: str, asked: bool) -> None:
        if await in_thread(progress.check_passed, self.learner, self.lesson.slug, step):
            await self._send_check(step, "done", "")
            return
        if not CHECKS.take(self.learner):
            if asked:
                raise Refused("That was checked very often just now; wait a few seconds, then check again.")
            return
        await self._send_check(step, "running", "")
        await in_thread(checks.request, self.learner, self.lesson.slug, step, asked=asked)

    # To the page

    async def _send_sandbox(self) -> None:
        """Send the sandbox's state, listen to the sandbox that it now is, prepare the open step in it."""
        look = await self._look()
        message = look.message
        if message["key"] != self.sandbox_key:
            if self.sandbox_key:
                await self.channel_layer.group_discard(service.group(self.sandbox_key), self.channel_name)
            self.sandbox_key = message["key"]
            if self.sandbox_key:
                await self.channel_layer.group_add(service.group(self.sandbox_key), self.channel_name)
                look = await self._look()  # it may have changed before we listened
                message = look.message
        self.told = message
        await self.send_json({"type": "sandbox", **message})
        if message["setup"] is not None:
            self._watch("setup", self._watch_setup)
        await self._send_engine(look.engine_alive)
        if look.ready:
            await in_thread(_prepare, self.learner, self.lesson, self.step, look.ready)

    async def _look(self) -> Look:
        return await in_thread(_look, self.learner, self.lesson.profile)

    async def _send_engine(self, alive: bool) -> None:
        """Tell when the engine has ended, unless the step is about that, and when it is back."""
        step = self.lesson.by_slug.get(self.step)
        alive = alive or (step is not None and step.engine_may_stop)
        if alive != self.engine_alive:
            self.engine_alive = alive
            message = "" if alive else scripts.stopped(self.lesson.profile)
            await self.send_json({"type": "engine", "alive": alive, "message": message})

    async def _send_ports(self) -> None:
        """Tell which ports are open in the sandbox, if that is not what the page heard last."""
        found = await in_thread(service.open_ports, self.learner)
        if found != self.ports:
            self.ports = found
            await self.send_json({"type": "ports", "ports": found})

    async def _send_check(self, step: str, state: str, hint: str) -> None:
        self.checking = self.checking | {step} if state == "running" else self.checking - {step}
        await self.send_json({"type": "check", "step": step, "state": state, "hint": hint})

    async def _send_progress(self) -> None:
        message = await in_thread(progress.message, self.learner, self.lesson)
        await self.send_json({"type": "progress", **message})

    def _watch(self, name: str, watcher: Callable[[], Any]) -> None:
        running = self.watchers.get(name)
        if running is None or running.done():
            self.watchers[name] = asyncio.create_task(watcher())

    async def _watch_setup(self) -> None:
        """Tell how far set-up is, or the building of what this lesson needs, until it is over."""
        told, last = None, False
        while not last:
            message = (await self._look()).message
            last = message["setup"] is None
            if not last and message != told:
                await self.send_json({"type": "sandbox", **message})
                told = message
            over = message["setup"] and message["setup"].get("failed")  # which somebody has to mend first
            await asyncio.sleep(0 if last else LOOK_WHEN_READY if over else LOOK_AT_SETUP)
        self.watchers.pop("setup", None)
        await self._send_sandbox()

    async def _watch_rows(self) -> None:
        """Look at the rows of sandbox and checks now and then: the event that tells of a change may be lost."""
        while True:
            waits = self.checking or self.awaited or self.catching_up
            settled = not waits and self.told is not None and self.told["state"] in SETTLED
            await asyncio.sleep(LOOK_WHEN_READY if settled else LOOK_AT_ROWS)
            if self.told is None or self.told["setup"] is not None:
                continue
            look = await self._look()
            if _without_layout(look.message) != _without_layout(self.told):
                log.info("A page hears late of sandbox %s: %s", look.message["key"], look.message["state"])
                await self._send_sandbox()
            else:
                await self._send_engine(look.engine_alive)
            if self.checking:
                await self._look_at_checks()
            await self.look_at_blocks()

    async def _look_at_checks(self) -> None:
        waited_for = self.checking
        found = await in_thread(
            checks.pending, self.learner, self.lesson.slug, since=AWAY, awaited=waited_for
        )
        for check in found:
            if check["state"] != "running" and check["step"] in waited_for & self.checking:
                log.info("A page hears late of the check of %s", check["step"])
                await self._send_check(**check)
                if check["state"] == Verdict.DONE:
                    await self._send_progress()

    async def _watch_files(self) -> None:
        """For authors: tell when the course has been read again."""
        while True:
            await asyncio.sleep(LOOK_AT_FILES)
            loaded = await sync_to_async(course.get, thread_sensitive=False)()
            if loaded.version != self.version:
                self.version = loaded.version
                self.lesson = loaded.by_slug.get(self.lesson.slug, self.lesson)
                await self.send_json({"type": "lesson-changed"})

    # Events of the channel layer

    async def sandbox_changed(self, event: dict[str, Any]) -> None:
        await self._send_sandbox()

    async def learner_sandbox(self, event: dict[str, Any]) -> None:
        await self._send_sandbox()

    async def learner_layout(self, event: dict[str, Any]) -> None:
        """Another page of the learner has arranged their terminals."""
        if event["by"] != self.channel_name:
            await self.send_json({"type": "layout", "key": event["key"], "layout": event["layout"]})

    async def learner_error(self, event: dict[str, Any]) -> None:
        if event["lesson"] == self.lesson.slug:
            await self.send_json({"type": "error", "message": event["message"]})

    async def check_result(self, event: dict[str, Any]) -> None:
        if event["lesson"] == self.lesson.slug:
            await self._send_check(event["step"], event["state"], event["hint"])

    async def progress_changed(self, event: dict[str, Any]) -> None:
        if event["lesson"] == self.lesson.slug:
            await self._send_progress()

    async def learner_gone(self, event: dict[str, Any]) -> None:
        """The learner has become one with another, or erased their data; who this page's cookie now names, it tells
        when it connects again."""
        await self.close(GONE)

    async def engine_stopped(self, event: dict[str, Any]) -> None:
        await self.send_json({"type": "engine", "alive": False, "message": event["message"]})


class Look(NamedTuple):
    """A learner's sandbox as it is now."""

    message: dict[str, Any]
    """The sandbox message without its type."""
    ready: str
    """The key of the sandbox when it is ready."""
    engine_alive: bool


def _look(learner: str, profile: str) -> Look:
    sandbox = service.current(learner)
    if sandbox is not None and sandbox.profile != profile:
        message = service.state_message(None, profile)
        if message["state"] == "none" and sandbox.state in HELD:
            message |= {"state": "other", "message": OTHER[profile]}
        return Look(message, "", engine_alive=True)
    message = service.state_message(sandbox, profile)
    if sandbox is not None and sandbox.state == State.QUEUED:
        waiting.note(sandbox.key)
    if sandbox is None or message["state"] != "ready":
        return Look(message, "", engine_alive=True)
    return Look(message, sandbox.key, sandbox.engine_alive)


def _without_layout(message: dict[str, Any]) -> dict[str, Any]:
    """What is told of a sandbox; pages know their own arrangement, and hear of another's as it is made."""
    return {name: value for name, value in message.items() if name != "layout"}


def _prepare(learner: str, lesson: Lesson, slug: str, sandbox: str) -> None:
    """Have the open step's setup.sh run, unless there is none or it has run in this sandbox."""
    step = lesson.by_slug.get(slug)
    if step is not None and step.setup and not perform.is_ready(sandbox, lesson.slug, slug):
        checks.request(learner, lesson.slug, slug, kind=CheckRequest.Kind.SETUP)
