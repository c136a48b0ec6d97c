"""What became of alerts is kept for the history; what somebody is still owed, for ever."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, update

from service.model.delivery import Obligation
from service.model.filing import Accession
from service.model.identity import DEFAULT, ChannelId, Revision, SilenceId
from service.model.notice import Notice, NoticeKind
from service.model.silence import Matcher, Silence
from service.store import Database, day_records, days, deliveries, digests, filings, matchings, notices, silences
from service.store.matchings import Matching
from service.store.schema import attempts, messages
from service.store.schema import deliveries as owed
from service.store.schema import notices as told
from tests.kit import books
from tests.kit.archives import listings
from tests.kit.books import AnAlert, add_channels
from tests.kit.filings import now
from tests.kit.indexes import seen_by_the_feed
from tests.kit.tidying import tidied

pytestmark = pytest.mark.usefixtures("no_pauses")


LATER = timedelta(days=401)


@pytest.fixture
def database(either: Database) -> Database:
    """Every test here runs on SQLite and on PostgreSQL."""
    return either


def alert(name: str, digest: str | None = None) -> AnAlert:
    return AnAlert(id=name, digest=digest)


async def owe(database: Database, *new: AnAlert) -> None:
    await books.owe(database, *new, at=now())


async def settled(database: Database, name: str, **changes: object) -> None:
    """The delivery of *name* has come to *changes*, after one attempt."""
    row = {"message": name, "channel": "desk", "number": 1, "at": now(), "seconds": 0.1}
    async with database.transaction() as tx:
        await tx.execute(update(owed).where(owed.c.message == name).values(tries=1, **changes))
        await tx.execute(insert(attempts), row | {"outcome": changes["state"], "status": 200, "detail": ""})


async def left(database: Database) -> tuple[list[str], list[str], list[str]]:
    """The alerts, the deliveries and the attempts that are there."""
    async with database.reading() as connection:
        found = [
            sorted(await connection.scalars(select(column)))
            for column in (messages.c.id, owed.c.message, attempts.c.message)
        ]
    return found[0], found[1], found[2]


async def test_what_was_delivered_goes_after_the_history_with_all_its_attempts(database: Database) -> None:
    """Not a day sooner."""
    await owe(database, alert("a"))
    await settled(database, "a", state="delivered")

    await tidied(database, timedelta(days=399))
    assert (["a"], ["a"], ["a"]) == await left(database)

    await tidied(database, LATER)
    assert ([], [], []) == await left(database)


async def test_what_a_filing_was_held_against_is_forgotten_with_its_history(database: Database) -> None:
    """Housekeeping does it."""
    accession = Accession("0009990900-25-000001")
    async with database.transaction() as tx:
        await matchings.add(tx, [Matching(accession=accession, revision=Revision(1), at=now(), times=None)])
    await tidied(database, timedelta(days=399))
    kept = await matchings.of(database, accession)
    await tidied(database, timedelta(days=401))

    assert kept is not None
    assert await matchings.of(database, accession) is None


async def test_nothing_that_is_owed_ever_goes(database: Database) -> None:
    """Pending, dead without anybody having seen to it, or waiting for a digest."""
    await owe(database, alert("pending"), alert("dead"), alert("seen-to"), alert("digest", digest="backfill-1"))
    await settled(database, "dead", state="dead")
    await settled(database, "seen-to", state="dead", acknowledged=now())
    await tidied(database, LATER)
    kept, _, _ = await left(database)

    assert ["dead", "digest", "pending"] == kept
    assert 1 == len(await digests.ripe(database, now() + LATER, []))


async def test_notices_go_when_their_matter_is_over_and_everybody_was_told(database: Database) -> None:
    """One that stands, or is owed, stays."""
    await add_channels(database, "desk")
    async with database.transaction() as tx:
        for subject, cleared in (("over", True), ("owed", True), ("standing", False)):
            await notices.add(tx, a_notice(subject, cleared=cleared))
        await notices.owe(tx, ["over", "owed", "standing"])
        owed_now = [(name, Obligation(channel=ChannelId("desk"), due=now())) for name in ("over", "owed")]
        await deliveries.keep(tx, owed_now, now())
    await settled(database, "over", state="delivered")
    await tidied(database, LATER)
    async with database.reading() as connection:
        kept = sorted(await connection.scalars(select(told.c.message)))

    assert ["owed", "standing"] == kept


async def test_a_days_account_outlives_what_its_index_lists(database: Database) -> None:
    """The counts stay; only which filings they were is forgotten. A day that lacks one keeps its list."""
    whole, lacking = date(2025, 3, 4), date(2025, 3, 5)
    first, second = listings(7)[:4], listings(7)[4:]
    for day, made, published in ((whole, first, 4), (lacking, second, 2)):
        await seen_by_the_feed(database, made, day)
        async with database.transaction() as tx:
            await days.account(tx, day, now())
            await day_records.list_as(tx, day, [one.accession for one in made])
            for one in made[:published]:
                await filings.settle(tx, one.accession, filings.FilingState.PUBLISHED)
    before = await day_records.records(database)
    await tidied(database, LATER + timedelta(days=800))

    assert before == await day_records.records(database)
    assert [4, 3] == [record.indexed for record in before]
    assert not await _listed(database, whole)
    assert 3 == await _listed(database, lacking)

    async with database.transaction() as tx:  # read again, and one more is in it
        await day_records.list_as(tx, whole, [one.accession for one in first] + [Accession("0009990900-25-999999")])
    (record,) = await day_records.records(database, only=[whole])
    assert (5, 1) == (record.indexed, record.missing)


async def test_a_complete_day_is_counted_once(database: Database) -> None:
    """Its counts are kept; a filing that is tried again lets it be counted anew, and so does its index read again."""
    day = now().date() - timedelta(days=3)
    made = listings(3)
    await seen_by_the_feed(database, made, day)
    async with database.transaction() as tx:
        await days.account(tx, day, now())
        await day_records.list_as(tx, day, [one.accession for one in made])
        for one, state in zip(made, ("published", "published", "dead"), strict=True):
            await filings.settle(tx, one.accession, filings.FilingState(state))
    counted = await day_records.records(database)
    await tidied(database)
    kept = await _kept(database)
    async with database.transaction() as tx:
        await filings.reopen(tx, made[2].accession, now())
    (reopened,) = await day_records.records(database)
    async with database.transaction() as tx:
        await filings.settle(tx, made[2].accession, filings.FilingState.PUBLISHED)
    await tidied(database)
    kept_again = await _kept(database)
    async with database.transaction() as tx:
        await day_records.list_as(tx, day, [Accession("0009990900-25-999999")])
    (grown,) = await day_records.records(database)

    assert (3, 2, 0, 1) == kept == tuple(getattr(counted[0], name) for name in day_records.KEPT_COUNTS)
    assert (2, 1) == (reopened.seen, reopened.missing)
    assert (3, 3, 0, 0) == kept_again
    assert (4, 1) == (grown.indexed, grown.missing)


def a_notice(subject: str, *, cleared: bool) -> Notice:
    kind = NoticeKind.LAG
    return Notice(id=subject, kind=kind, subject=subject, cleared=cleared, headline="", lines=(), at=now())


async def _kept(database: Database) -> tuple[int, ...]:
    from service.store.schema import days as kept

    async with database.reading() as connection:
        row = (await connection.execute(select(kept.c.indexed, kept.c.seen, kept.c.recovered, kept.c.dead))).one()
        return tuple(row)


async def _listed(database: Database, day: date) -> int:
    from service.store.schema import listed

    async with database.reading() as connection:
        return await connection.scalar(select(func.count()).where(listed.c.day == day)) or 0


async def test_a_silence_is_forgotten_with_the_last_that_it_kept(database: Database) -> None:
    """One that holds is not; nor is one that a delivery names."""
    over, kept, holds = (a_silence(f"sil_{number}", days) for number, days in enumerate((-1, -1, 500)))
    await owe(database, alert("a"))
    async with database.transaction() as tx:
        for one in (over, kept, holds):
            await silences.add(tx, one)
        await silences.suppress(tx, [("a", "desk", kept.id)], now())

    assert ["sil_2", "sil_1", "sil_0"] == await silenced(database)
    await tidied(database, timedelta(days=398))
    assert ["sil_2", "sil_1", "sil_0"] == await silenced(database)
    async with database.transaction() as tx:
        await silences.forget(tx, now(), 100)
    assert ["sil_2", "sil_1"] == await silenced(database)
    await tidied(database, LATER + timedelta(days=1))
    assert ["sil_2"] == await silenced(database)


async def silenced(database: Database) -> list[str]:
    """Every silence that is kept."""
    return [one.silence.id for one in await silences.listed(database, DEFAULT, now(), 9, ended=True)]


def a_silence(name: str, days: int) -> Silence:
    """One that ends in so many days."""
    return Silence(
        id=SilenceId(name),
        workspace=DEFAULT,
        matcher=Matcher(tickers=("A",)),
        reason="earnings",
        made_by="cli:anna",
        created=now(),
        ends=now() + timedelta(days=days),
    )
