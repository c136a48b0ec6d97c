"""A filing's line on the tape, as the matcher writes it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.language.rules import rules
from consumers.matcher import step as stage
from consumers.matcher.headline import headline
from consumers.matcher.rulebook import Rulebook
from consumers.matcher.step import MatcherStep
from consumers.matcher.tape import line_of
from service.model.filing import Provenance, Times
from service.model.flag import FlagCode
from service.model.parsed import ParsedFiling
from service.store import Database, events, tape
from service.vitals import Unwatched
from service.wire import encode
from service.wire.topics import Record, Topic
from tests.kit.documents import DISPOSED, NOW, a_document, a_filing, a_row, a_subject, an_option, an_owner


def a_record(*rows: Any, **filing: Any) -> Record:
    parsed = ParsedFiling(filing=a_filing(**filing), document=a_document(*rows or [a_row()]))
    return Record(topic=Topic.PARSED, partition=0, offset=1, key="k", id="i", headers={}, value=encode(parsed))


def test_a_line_reads_as_the_alert_on_all_rows_does() -> None:
    """Where, who and what, from the same words."""
    owners = (an_owner(is_officer=True, officer_title="CEO"), an_owner("ROE RICHARD", "0009800002"))
    subject = a_subject(a_row(), an_option(), reporting_owners=owners)

    assert headline(subject, subject.facts) == line_of(subject, NOW).headline
    assert ["CEO", "director"] == [one.role for one in line_of(subject, NOW).insiders]


@pytest.mark.parametrize(
    ("rows", "sums"),
    [
        ([a_row(), a_row(shares="5")], ("10050", None, None)),
        ([a_row(), a_row("S", "2", "3", **DISPOSED)], ("10000", "6", None)),
        ([a_row(), a_row(price=None)], (None, None, None)),
        ([an_option()], (None, None, "582000")),
        ([a_row("G", price=None)], (None, None, None)),
    ],
)
def test_sums_are_of_all_rows_or_unknown(rows: list[Any], sums: Sequence[str | None]) -> None:
    """A row without a price leaves no sum that would be too small."""
    line = line_of(a_subject(*rows), NOW)

    assert [one and Decimal(one) for one in sums] == [line.bought, line.sold, line.granted]


def test_a_line_stands_at_the_time_of_edgar_so_far_as_it_is_known() -> None:
    """Else when it was first known of."""
    before, later = NOW.replace(hour=9), NOW.replace(hour=10)
    known = [Times(accepted=before, updated=later), Times(updated=before, seen=later), Times(published=before)]
    subject = a_subject(a_row())
    found = [line_of(replace_times(subject, times), later).accepted for times in (*known, Times())]

    assert [before, before, before, later] == found


def replace_times(subject: Any, times: Times) -> Any:
    return type(subject).of(replace(subject.filing, times=times), subject.document)


async def test_the_tape_is_written_with_the_alerts(either: Database) -> None:
    """History too: the first start's tape is not empty, though nothing rings."""
    book = Rulebook.of(rules({"all": {"channels": "desk"}}, {}, {"desk"}))
    step = MatcherStep(lambda: book, lambda: NOW, Unwatched())
    old = a_record(accession="0009990900-25-000002", provenance=Provenance(history=True))
    async with either.transaction() as tx:
        await step.write(tx, [step.read(a_record()), step.read(old)])
    live, history = [await tape.find(either, a_filing(accession=number).accession) for number in _BOTH]

    assert live is not None
    assert history is not None
    assert (False, True) == (live.history, history.history)
    assert {Topic.ALERTS: 1} == await events.counts(either)


_BOTH = ("0009990900-25-000001", "0009990900-25-000002")


async def test_a_fault_in_a_line_keeps_no_alert_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tape is for reading; alerts are what is promised."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(stage, "line_of", broken)
    book = Rulebook.of(rules({"all": {"channels": "desk"}}, {}, {"desk"}))
    step = MatcherStep(lambda: book, lambda: NOW, Unwatched())
    async with database.transaction() as tx:
        await step.write(tx, [step.read(a_record())])

    assert {Topic.ALERTS: 1} == await events.counts(database)


def test_what_is_odd_stands_on_the_line_once() -> None:
    """Of the document and of its rows."""
    rows = [an_option(**DISPOSED), an_option(**DISPOSED)]

    assert (FlagCode.DIRECTION,) == line_of(a_subject(*rows), NOW).flags
