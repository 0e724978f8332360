"""Pages that are open while their learner becomes another, or is forgotten."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from lessons import consumers, learners, moves
from lessons.models import FormerKey, Learner

from .test_consumers import Page

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("content")]


async def test_an_open_page_of_who_is_forgotten_is_sent_away(learner: Learner) -> None:
    page = await Page(learners.sign(learner.key)).open()
    await page.next("progress")
    await sync_to_async(moves.erase)(learner.key)
    assert await page.closed() == consumers.GONE
    again = await Page(learners.sign(learner.key)).open()
    assert await again.closed() == consumers.NOT_SIGNED_IN


async def test_a_page_with_a_former_key_is_the_learner_it_leads_to(learner: Learner) -> None:
    await FormerKey.objects.acreate(key="k" * 20, learner=learner)
    page = await Page(learners.sign("k" * 20)).open()
    assert (await page.next("progress"))["total"] == 2
    await page.socket.disconnect()
