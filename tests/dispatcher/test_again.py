"""What may have arrived already, on services that know no id of ours: the second one says that it is one."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import update

from service.model.delivery import DeliveryState, Reason
from service.store import Database
from service.store.schema import deliveries
from tests.dispatcher.kinds import KINDS
from tests.kit import books
from tests.kit.answering import answering
from tests.kit.books import an_owed
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.sending import sending, settled

AGAIN = "Sent again"
LOST = datetime(1970, 1, 1, tzinfo=UTC)  # the end of a claim that was
UNKNOWING = ("slack", "discord", "teams", "telegram")


async def _sent(database: Database, kind: str, **state: Any) -> str:
    """What a channel of that *kind* is sent of a delivery in this *state*."""
    bodies: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        bodies.append(await request.text())
        return web.Response(text="ok")

    await books.owe(database, an_owed(1), at=now())
    async with database.transaction() as tx:
        await tx.execute(update(deliveries).values(state))
    settings = {key: value for key, value in KINDS[kind].section.items() if key not in ("type", "url")}
    async with answering(handler) as url, sending(database, kind=kind, settings=settings, desk=url):
        await eventually(settled(database, DeliveryState.DELIVERED))
    (body,) = bodies
    return json.dumps(json.loads(body), ensure_ascii=False)


@pytest.mark.parametrize("kind", UNKNOWING)
async def test_a_message_whose_worker_died_says_that_it_is_sent_again(database: Database, kind: str) -> None:
    """In its headline; it may have arrived."""
    assert AGAIN in await _sent(database, kind, claimed=LOST)


@pytest.mark.parametrize(("reason", "says"), [(Reason.TIMEOUT, True), (Reason.SERVER_ERROR, False)])
async def test_after_no_answer_it_says_so_and_after_a_refusal_it_does_not(
    database: Database, reason: Reason, says: bool
) -> None:
    """A receiver that has answered that it fails has it from us once, as far as anybody knows."""
    assert says is (AGAIN in await _sent(database, "discord", tries=1, reason=reason))


@pytest.mark.parametrize("kind", ["webhook", "ntfy", "pagerduty"])
async def test_where_the_service_tells_the_two_apart_it_comes_as_it_was(database: Database, kind: str) -> None:
    """By the id, which is the same."""
    assert AGAIN not in await _sent(database, kind, claimed=LOST)
