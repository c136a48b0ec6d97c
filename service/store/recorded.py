"""What a filing says, in the columns of the past: quickly, for every filing is written there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from service.model.ownership import AcquiredDisposed, OwnershipForm, Timeliness, TransactionCode
from service.model.parsed import ParsedFiling
from service.model.past import PARTS, Brought, Row
from service.model.trait import traits_of
from service.store.schema import history_rows

KEY = ("filing", "source", "part", "number")
PLAIN = tuple(name for name in history_rows.columns.keys() if name not in (*KEY, "notes"))  # noqa: SIM118
RELATIONS = ("is_director", "is_officer", "is_ten_percent_owner", "is_other", "officer_title", "other_text")
BOXES: Mapping[type[Row], tuple[str, ...]] = {
    part: tuple(name for name in PLAIN if name in part.__struct_fields__) for part in PARTS
}
"""The boxes of a row that have a column of their own, in order."""

Values = tuple[Any, ...]
"""Of a row, as the database has them."""

_relations = attrgetter(*RELATIONS)


class _Written(NamedTuple):
    """How rows of one part are written."""

    part: int
    boxes: Callable[[Row], Values]
    columns: tuple[str, ...]  # in order; the others are empty


_WRITTEN = {
    kind: _Written(part, attrgetter(*boxes), (*KEY, *boxes, "notes"))
    for part, (kind, boxes) in enumerate(BOXES.items(), start=1)
}


def filing(key: int, known: Any, one: ParsedFiling) -> Values:
    """*one*, which is stored as *key*, for ``history_filings``; *known*: from when on it could be, as stored."""
    found, document = one.filing, one.document
    boxes = (
        found.filed_on,
        document.period_of_report,
        document.date_of_original_submission,
        document.aff10b5_one,
        document.not_subject_to_section16,
    )
    return (
        key,
        Brought.FEED.value,
        found.form,
        int(document.issuer.issuer_cik),
        document.issuer.issuer_name or found.issuer_name,
        document.issuer.issuer_trading_symbol,
        known,
        *_stored(boxes),
        None,  # no set brought it
        traits_of(document),
    )


def symbols(one: ParsedFiling) -> Iterator[tuple[int, str]]:
    """What its symbol boxes say, for ``history_symbols``."""
    issuer = one.document.issuer
    for symbol in (issuer.issuer_trading_symbol, issuer.issuer_foreign_trading_symbol):
        if symbol:
            yield int(issuer.issuer_cik), symbol


def owners(key: int, one: ParsedFiling) -> Iterator[Values]:
    """Each of its owners, for ``history_owners``."""
    for owner in one.document.reporting_owners:
        said = _stored(_relations(owner.relationship))
        yield (key, 0, int(owner.rpt_owner_cik), owner.rpt_owner_name, *said)


def rows(filings: Mapping[int, ParsedFiling]) -> Mapping[tuple[str, ...], Sequence[Values]]:
    """The rows of *filings*, which are stored as these keys, for ``history_rows``: by the columns that they fill."""
    found: dict[tuple[str, ...], list[Values]] = {}
    for key, one in filings.items():
        for table in (one.document.non_derivative_table, one.document.derivative_table):
            for number, row in enumerate(table):
                part, boxes, columns = _WRITTEN[type(row)]
                notes = ";".join([f"{box}={','.join(ids)}" for box, ids in row.footnotes.items()]) or None
                found.setdefault(columns, []).append((key, 0, part, number, *_stored(boxes(row)), notes))
    return found


def _stored(values: Values) -> list[Any]:
    return [value if (turn := _TURNS.get(type(value))) is None else turn(value) for value in values]


def _digits(number: Decimal) -> str:
    """*number* without an exponent."""
    plain = str(number)
    return f"{number:f}" if "E" in plain else plain


def _day(value: date) -> int:
    return value.year * 10_000 + value.month * 100 + value.day


_TURNS: Mapping[type, Callable[[Any], Any]] = {
    Decimal: _digits,
    date: _day,
    bool: int,
    **dict.fromkeys((TransactionCode, AcquiredDisposed, OwnershipForm, Timeliness), str.__str__),
}
"""How values are stored that the database has otherwise; the driver takes long to see that a word is text."""
