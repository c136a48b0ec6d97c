"""A burst to each service within its documented limits: never too early, in few messages, and nothing lost."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from consumers.dispatcher.channels import load
from consumers.dispatcher.schedule import RetrySchedule
from service.model.delivery import DeliveryState
from service.store import Database, deliveries
from tests.kit import books
from tests.kit.books import an_owed
from tests.kit.leaping import Leaping
from tests.kit.sending import sending, settled
from tests.kit.services import SERVICES, Seen, Service, serving

START = datetime(2026, 11, 25, 14, 30, 0, 250_000, tzinfo=UTC)


async def play(database: Database, service: Service, count: int, every: int) -> str:
    """*count* filings at once, of whose requests one in *every* is refused though in time; returns the figures."""
    pace = load({"desk": {"type": service.kind, **_any_place(service), **service.settings}})["desk"].interval
    clock = Leaping(database, START, pace)
    seen = Seen(service=service, clock=clock.now, every=every)
    owed = [an_owed(number, headline=f"Purchase in 0009990900-25-{number:06d}") for number in range(count)]
    await books.owe(database, *owed, at=START)
    async with (
        serving(seen) as url,
        sending(
            database, RetrySchedule(), service.kind, pace=None, clock=clock.now, settings=service.settings, desk=url
        ),
    ):
        await clock.until(lambda: _nothing_waits(database))

    digests = sum(len(told) > 1 for told in seen.told)
    assert [] == seen.early
    assert Counter(one.accession for one in owed) == Counter(one for told in seen.told for one in told)
    assert await settled(database, DeliveryState.DELIVERED, count + digests)()
    assert len(seen.told) <= timedelta(minutes=2) / pace + count / 20
    return (
        f"burst to {service.kind}, {service.most} in {service.within.total_seconds():.0f} s: {count} filings at once, "
        f"{len(seen.told)} messages, {digests} of them digests, the last after "
        f"{(clock.at - START).total_seconds():,.0f} s; {seen.refused} refused, {len(seen.early)} too early, 0 lost"
    )


def _any_place(service: Service) -> dict[str, str]:
    return {"server": "127.0.0.1:25"} if service.kind == "email" else {"url": "https://example.com/services/x"}


async def _nothing_waits(database: Database) -> bool:
    return not await deliveries.pending(database)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.kind)
async def test_a_burst_is_told_within_the_limits_of_its_service(
    database: Database, service: Service, figures: list[str]
) -> None:
    """Some requests are refused all the same, with whatever ``Retry-After`` there is."""
    figures.append(await play(database, service, 24, 3))


@pytest.mark.long
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.kind)
async def test_five_hundred_filings_at_once_become_few_messages(
    either: Database, service: Service, figures: list[str]
) -> None:
    """On SQLite and PostgreSQL."""
    figures.append(await play(either, service, 500, 11))
