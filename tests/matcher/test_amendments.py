"""Alerts on amendments: what they say of the filing that is amended, and which alert they follow."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.amendments import linking
from consumers.dispatcher.render import rendering
from consumers.language.rules import rules
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from service.model.alert import Alert, alert_id
from service.model.amendment import Effect, Found
from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.store import Database, amended, events, history
from service.vitals import Unwatched
from service.wire import decode
from service.wire.topics import Record, Topic, parsed_event
from tests.kit.documents import NOW, a_document, a_filing, a_row, an_option, an_owner

ORIGINAL = Accession("0009990900-25-000001")
AMENDMENT = Accession("0009990900-25-000002")
DAY = date(2025, 3, 5)


def _filed(accession: Accession, *rows: Any, days: int = 0, **fields: Any) -> ParsedFiling:
    """A filing of 5 March 2025, or of so many *days* later; *accession* with a day that it names is an amendment."""
    form = "4/A" if "date_of_original_submission" in fields else "4"
    at = datetime(2025, 3, 5, 21, tzinfo=UTC) + timedelta(days=days)
    filing = a_filing(accession=accession, form=form, filed_on=None, times=Times(accepted=at))
    return ParsedFiling(filing=filing, document=a_document(*rows, **{"document_type": form} | fields))


def _bought(shares: int) -> Any:
    """So many shares bought at $10, where 4,000 were held."""
    return a_row(shares=str(shares), shares_owned_following_transaction=Decimal(4000 + shares))


def _amendment(*rows: Any, **fields: Any) -> ParsedFiling:
    return _filed(AMENDMENT, *rows, days=30, date_of_original_submission=DAY, **fields)


class _Desk:
    """A matcher with rules by their names, and the alerts that it made."""

    def __init__(self, database: Database, **sections: Any) -> None:
        asked = {name: {"channels": ["desk"], **section} for name, section in (sections or {"every": {}}).items()}
        self._database = database
        self._rules = rules(asked, {}, {"desk"})
        book = Rulebook.of(self._rules)
        self._step = MatcherStep(lambda: book, lambda: NOW, Unwatched())

    async def match(self, *filings: ParsedFiling) -> None:
        """Take *filings* in one batch."""
        records = [_record(one) for one in filings]
        await self._step.recall(self._database, records)
        results = await self._step.ahead(self._database, [self._step.read(record) for record in records])
        async with self._database.transaction() as tx:
            await self._step.write(tx, results)
            tx.emit(*(parsed_event(one, NOW) for one in filings))  # as the parser did

    async def alert(self, accession: Accession, rule: str = "every") -> Alert | None:
        """The alert of *rule* on the filing."""
        (met,) = (one for one in self._rules if one.name == rule)
        value = await events.by_id(self._database, alert_id(met.id, accession))
        return None if value is None else decode(value, Alert)

    async def amended(self) -> Alert:
        """The alert on the amendment."""
        alert = await self.alert(AMENDMENT)
        assert alert is not None
        return alert


def _record(parsed: ParsedFiling) -> Record:
    event = parsed_event(parsed, NOW)
    return Record(topic=Topic.PARSED, partition=0, offset=1, key=event.key, id=event.id, headers={}, value=event.value)


async def test_an_amendment_s_alert_says_what_it_changes_and_follows_the_original_s(either: Database) -> None:
    """The class, old and new values, the original and the alert on it, whose thread it may go on."""
    desk = _Desk(either)
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    await desk.match(_amendment(_bought(10_000)))
    first, alert = await desk.alert(ORIGINAL), await desk.amended()
    assert first is not None
    assert alert.amends is not None

    assert (first.amends, first.follows) == (None, None)
    assert first.id == alert.follows
    assert (ORIGINAL, DAY, Found.DAY, Effect.CORRECTS) == (
        alert.amends.accession,
        alert.amends.filed,
        alert.amends.found,
        alert.amends.effect,
    )
    assert [("4. Amount", "1000", "10000"), ("5. Amount Owned", "5000", "14000")] == [
        (box.name, box.old, box.new) for box in alert.amends.rows[0].boxes
    ]
    assert alert.headline.endswith(
        "DOE JANE (director) corrected the filing of 2025-03-05: "
        "bought 10,000 shares of Common Stock at $10 for $100,000 (filed before: 1,000)"
    )


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_the_original_s_alert_is_never_removed(database: Database, withdrawn: bool) -> None:
    """Whatever an amendment says: what was told stays, and so does the original's past."""
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, a_row()))
    before = await desk.alert(ORIGINAL)
    remarks = "This amendment withdraws the Form 4 in its entirety." if withdrawn else None
    await desk.match(_amendment(remarks=remarks) if withdrawn else _amendment(a_row(shares="1")))
    alert = await desk.amended()

    assert before is not None
    assert before == await desk.alert(ORIGINAL)
    assert alert.amends is not None
    assert (alert.amends.effect is Effect.WITHDRAWS) is withdrawn
    kept = await history.find(database, ORIGINAL)
    assert kept is not None
    assert 1 == len(kept.rows)


async def test_both_in_one_batch_belong_together(database: Database) -> None:
    """The original is not kept yet when the amendment's alerts are made."""
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, _bought(1000)), _amendment(_bought(10_000)))
    first, alert = await desk.alert(ORIGINAL), await desk.amended()

    assert first is not None
    assert alert.amends is not None
    assert (ORIGINAL, first.id) == (alert.amends.accession, alert.follows)


async def test_a_rule_that_did_not_ring_for_the_original_follows_nothing(database: Database) -> None:
    """Another rule's alert is none that it could follow."""
    desk = _Desk(database, every={"shares": ">= 5000"}, small={"shares": "< 5000"})
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    await desk.match(_amendment(_bought(10_000)))
    alert = await desk.amended()

    assert await desk.alert(ORIGINAL, "small") is not None
    assert alert.amends is not None
    assert (ORIGINAL, None) == (alert.amends.accession, alert.follows)


async def test_an_amendment_that_comes_first_says_that_the_original_is_not_here(database: Database) -> None:
    """It rings as ever; nothing is made up."""
    desk = _Desk(database)
    await desk.match(_amendment(_bought(10_000)))
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    alert = await desk.amended()

    assert await desk.alert(ORIGINAL) is not None
    assert alert.amends is not None
    assert (None, DAY, Effect.UNCLEAR) == (alert.amends.accession, alert.amends.filed, alert.amends.effect)
    assert alert.follows is None


async def test_an_amendment_of_an_amendment_follows_the_first_alert(database: Database) -> None:
    """It is compared with what stood last, and goes on the thread with which it began."""
    desk = _Desk(database)
    last, corrected = (
        Accession("0009990900-25-000003"),
        replace(_bought(10_000), transaction_price_per_share=Decimal(11)),
    )
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    await desk.match(_amendment(_bought(10_000)))
    await desk.match(_filed(last, corrected, days=40, date_of_original_submission=DAY))
    first, alert = await desk.alert(ORIGINAL), await desk.alert(last)

    assert first is not None
    assert alert is not None
    assert alert.amends is not None
    assert (AMENDMENT, ORIGINAL, first.id) == (alert.amends.accession, alert.amends.original, alert.follows)
    assert [["4. Price"]] == [[box.name for box in row.boxes] for row in alert.amends.rows]


async def test_every_one_of_many_alerts_says_it(database: Database) -> None:
    """More rules ring than alerts are made without a pause; each follows its own."""
    desk = _Desk(database, **{f"rule-{number}": {} for number in range(130)})
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    await desk.match(_amendment(_bought(10_000)))
    names = [f"rule-{number}" for number in range(130)]
    pairs = [(await desk.alert(ORIGINAL, name), await desk.alert(AMENDMENT, name)) for name in names]

    assert all(first and alert and alert.amends and first.id == alert.follows for first, alert in pairs)


async def test_nothing_is_looked_up_for_what_does_not_ring(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for originals that ring nor for amendments that do not."""

    async def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(amended, "named", never)
    monkeypatch.setattr(amended, "recent", never)
    desk = _Desk(database, every={"shares": ">= 5000"})
    await desk.match(_filed(ORIGINAL, _bought(10_000)), _amendment(a_row(shares="10")))

    assert await desk.alert(ORIGINAL) is not None
    assert await desk.alert(AMENDMENT) is None


async def test_a_fault_in_comparing_keeps_no_alert_from_anybody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The alert says that it could not be compared."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(linking, "difference", broken)
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, a_row()))
    await desk.match(_amendment(a_row()))
    alert = await desk.amended()

    assert alert.amends is not None
    assert alert.amends.effect is Effect.UNCLEAR
    assert alert.amends.reason.startswith("It could not be compared")


async def test_an_owner_s_other_filings_of_the_day_are_told_apart_by_their_rows(database: Database) -> None:
    """Options and shares were filed in two forms; the amendment is of the options."""
    desk = _Desk(database)
    other = Accession("0009990900-25-000009")
    await desk.match(_filed(other, a_row()), _filed(ORIGINAL, an_option(strike="5.98")))
    await desk.match(_amendment(an_option(strike="11.87")))
    alert = await desk.amended()

    assert alert.amends is not None
    assert ORIGINAL == alert.amends.accession


async def test_another_owner_s_filing_of_the_day_is_none_that_is_amended(database: Database) -> None:
    """Directors are granted alike on one day."""
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, a_row(code="A"), reporting_owners=(an_owner("ROE RICHARD", "0009800002"),)))
    await desk.match(_amendment(a_row(code="A", shares="900")))
    alert = await desk.amended()

    assert alert.amends is not None
    assert alert.amends.accession is None


async def test_messages_say_what_was_before_and_what_is_now(database: Database) -> None:
    """In words, for every channel that people read; of very much, the first differences."""
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, _bought(1000)))
    await desk.match(_amendment(_bought(10_000)))
    told, differing, *_ = rendering(await desk.amended()).notes

    assert (
        f"Corrects the filing of 2025-03-05 ({ORIGINAL}): 1 reported row differs (4. Amount, 5. Amount Owned)." == told
    )
    assert (
        "Before and now: Table I row 1, 4. Amount: 1,000 -> 10,000; Table I row 1, 5. Amount Owned: 5,000 -> 14,000."
        == differing
    )


@pytest.mark.parametrize(
    ("remarks", "rows", "said"),
    [
        (
            "This amendment withdraws the Form 4.",
            (),
            "withdrew the filing of 2025-03-05 in a form 4/A without transactions",
        ),
        ("The second row is deleted.", (1000,), "took rows out of the filing of 2025-03-05; still in it: bought 1,000"),
        (None, (1000, 500), "restated the filing of 2025-03-05 without a change: bought 1,500"),
        (None, (1000, 500, 70), "added to the filing of 2025-03-05: bought 1,570"),
        (None, (77,), "amended the filing of 2025-03-05: bought 77"),
    ],
)
async def test_the_headline_begins_with_what_it_does(
    database: Database, remarks: str | None, rows: tuple[int, ...], said: str
) -> None:
    """In the words of headlines: what was done to the filing, and what is reported."""
    desk = _Desk(database)
    await desk.match(_filed(ORIGINAL, a_row(shares="1000"), a_row(shares="500", price="12")))
    prices = {500: "12", 70: "13", 77: "14"}
    made = (a_row(shares=str(shares), price=prices.get(shares, "10")) for shares in rows)
    await desk.match(_amendment(*made, remarks=remarks))

    assert said in (await desk.amended()).headline
