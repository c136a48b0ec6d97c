"""What holds of every comparison, whatever was filed."""

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from consumers.amendments import pairing
from consumers.amendments.difference import difference
from consumers.amendments.effect import effect
from consumers.amendments.linking import told
from consumers.amendments.pairing import Tie
from consumers.amendments.telling import differences
from consumers.amendments.version import Version
from consumers.parser.document import parse
from service.edgar.submission import ownership_xml
from service.model.amendment import Effect, Found
from service.model.errors import UnusableDocument
from service.model.ownership import AcquiredDisposed, OwnershipDocument
from service.model.parsed import ParsedFiling
from tests.kit.documents import NOW, a_document, a_filing, a_row
from tests.kit.places import SAMPLES

OTHERS: dict[type, Any] = {
    Decimal: Decimal("77.7"),
    str: "something else",
    date: date(2020, 2, 3),
    AcquiredDisposed: AcquiredDisposed.DISPOSED,
}


def bundled() -> Iterator[OwnershipDocument]:
    """Every form among the bundled filings that can be read."""
    for path in sorted(SAMPLES.glob("*.txt")):
        xml = ownership_xml(path.read_bytes())
        try:
            yield parse(xml or b"")
        except UnusableDocument:  # one is broken on purpose, some are no forms
            continue


def _version(document: OwnershipDocument, *, whole: bool = True) -> Version:
    return Version.of(ParsedFiling(filing=a_filing(), document=document), NOW, whole=whole)


def _changed(document: OwnershipDocument, chance: random.Random) -> OwnershipDocument:
    """*document* with rows that are gone, doubled, moved, or say something else."""
    tables = {}
    for name in ("non_derivative_table", "derivative_table"):
        rows = [row for row in getattr(document, name) if chance.random() > 0.2]
        rows += [row for row in rows if chance.random() < 0.2]
        chance.shuffle(rows)
        tables[name] = tuple(_otherwise(row, chance) if chance.random() < 0.5 else row for row in rows)
    return replace(document, document_type="4/A", **tables)


def _otherwise(row: Any, chance: random.Random) -> Any:
    stated = [name for name in row.__struct_fields__ if type(getattr(row, name)) in OTHERS]
    names = chance.sample(stated, min(len(stated), chance.randint(1, 4)))
    return replace(row, **{name: OTHERS[type(getattr(row, name))] for name in names})


def test_a_filing_compared_with_itself_differs_in_nothing() -> None:
    """With its texts that is told; without them nobody can say it of a footnote."""
    documents = list(bundled())
    for document in documents:
        found = difference(_version(document), _version(document))
        faded = difference(_version(document, whole=False), _version(document))

        assert ((), (), ()) == (found.head, found.rows, found.notes)
        assert Effect.RESTATES is effect(found)[0]
        assert effect(faded)[0] in (Effect.UNCLEAR, Effect.WITHDRAWS, Effect.ADDS, Effect.CORRECTS)

    assert len(documents) > 40


def test_every_row_is_paired_added_or_missing_once() -> None:
    """However the amendment was made of the original; its effect has a reason, and the difference can be told."""
    chance = random.Random(7)
    for document in bundled():
        old, new = _version(document), _version(_changed(document, chance))
        found = difference(old, new)
        for table in found.tables:
            olds = [*(pair.old for pair in table.pairs), *table.missing]
            news = [*(pair.new for pair in table.pairs), *table.added]
            assert list(range(len(table.olds))) == sorted(olds)
            assert list(range(len(table.news))) == sorted(news)
            for pair in table.pairs:
                assert type(table.olds[pair.old]) is type(table.news[pair.new])
        assert len(found.rows) == sum(pair.tie is not Tie.EQUAL for pair in found.pairs) + sum(
            len(table.added) + len(table.missing) for table in found.tables
        )
        what, reason = effect(found)
        assert what in Effect
        assert reason
        assert list(differences(told(found, Found.DAY))) or what is Effect.RESTATES


def test_of_very_many_rows_none_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """EDGAR takes thirty in a table; who sends thousands keeps nobody waiting, and what they do is unclear."""

    def never(*_: object, **__: object) -> bool:
        raise AssertionError

    monkeypatch.setattr(pairing, "says_the_same", never)
    rows = [a_row(shares=str(1 + place)) for place in range(3_000)]
    found = difference(_version(a_document(*rows)), _version(a_document(rows[0], document_type="4/A")))

    assert (3_000, 1) == (len(found.tables[0].missing), len(found.tables[0].added))
    assert Effect.UNCLEAR is effect(found)[0]


def test_numbers_are_compared_to_the_last_digit() -> None:
    """No float comes between."""
    before, after = "0.1234567890123456789", "0.1234567890123456788"
    found = difference(_version(a_document(a_row(price=before))), _version(a_document(a_row(price=after))))
    ((change,),) = (row.boxes for row in found.rows)

    assert (before, after) == (change.old, change.new)
