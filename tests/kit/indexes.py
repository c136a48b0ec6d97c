"""Days as the SEC's index lists them and as the feed has shown them."""

from collections.abc import Sequence
from datetime import date, datetime, time

import msgspec

from service.lookalike.archive import Listing, form_index
from service.model import calendar
from service.model.filing import Accession, Cik
from service.store import Database, filings, marks
from service.store.filings import Seen
from tests.kit.archives import listings

TUESDAY = date(2025, 3, 4)
ELSEWHERE = [
    msgspec.structs.replace(one, form=form) for one, form in zip(listings(900)[-2:], ("10-K", "8-K"), strict=True)
]


def path_of(day: date) -> str:
    return f"/Archives/edgar/daily-index/{day.year}/QTR{(day.month + 2) // 3}/form.{day:%Y%m%d}.idx"


def an_index(day: date, made: Sequence[Listing]) -> bytes:
    return form_index(day, [*ELSEWHERE, *made])


def seen_of(made: Sequence[Listing], day: date = TUESDAY) -> list[Seen]:
    """*made* as the feed shows it on *day*."""
    at = calendar.at(day, time(12))
    return [
        Seen(
            accession=Accession(one.accession),
            form=one.form,
            archive_cik=Cik(one.parties[0].cik),
            issuer_cik=Cik(one.parties[-1].cik),
            issuer_name=one.parties[-1].name,
            updated=at,
            seen=at,
            history=False,
            filed_on=day,
        )
        for one in made
    ]


async def seen_by_the_feed(database: Database, made: Sequence[Listing], day: date = TUESDAY) -> None:
    """The feed has shown *made* on *day*."""
    async with database.transaction() as tx:
        await filings.add(tx, seen_of(made, day))


async def began(database: Database, day: date = TUESDAY, live: datetime | None = None) -> None:
    """The service first ran on *day*."""
    async with database.transaction() as tx:
        await marks.put(tx, marks.FLOOR, calendar.at(day, calendar.MIDNIGHT))
        await marks.put(tx, marks.LIVE, live or calendar.at(day, calendar.MIDNIGHT))
