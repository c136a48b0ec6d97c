"""What the owners of a filing did before, as it was known when the filing was accepted; read from what is looked up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

from msgspec import Struct

from consumers.matcher.meaning.kinds import GRANTED, GRANTS
from consumers.matcher.meaning.notes import Notes
from consumers.matcher.meaning.security import class_in_table_one, class_in_table_two
from consumers.parser.flags import SECTION_16
from consumers.titles import folded
from service.model.filing import Accession, Cik
from service.model.ownership import DerivativeTransaction, Issuer, NonDerivativeTransaction, OwnershipDocument
from service.model.past import Before, Earlier, KeptRow, day_of, filed_on

_A_DAY = timedelta(days=1)
_MONTHS = 12


class Deed(Enum):
    """What was done."""

    PURCHASE = "purchase"
    SALE = "sale"
    GRANT = "grant"


_BOXES = {  # what the code claims, and the box beside it that goes with it
    "P": (Deed.PURCHASE, "A"),
    "S": (Deed.SALE, "D"),
    "A": (Deed.GRANT, "A"),
}
_TRADED = (1, 3)  # parts of what changed hands


class Done(Struct, frozen=True, kw_only=True):
    """One of them, or what may be one."""

    deed: Deed
    day: date | None  # None: what is filed as the day of the trade cannot be one
    filed: date
    sure: bool  # whether code and box agree
    owners: frozenset[Cik]
    accession: Accession
    rows: tuple[KeptRow, ...]  # that say so, in one filing, of one day

    def latest(self, before: date) -> date | None:
        """The last day *before* that one on which it can have been done; None: there is none."""
        if self.day is not None:
            return self.day if self.day < before else None
        return min(self.filed, before - _A_DAY)


@dataclass(frozen=True, slots=True)
class Memory:
    """What was done before a filing."""

    filings: tuple[Earlier, ...]  # the latest first
    done: tuple[Done, ...]  # likewise, as they were filed
    complete: date | None  # of trades from this day on nothing is missing; None: that cannot be said of any day

    @classmethod
    def of(cls, document: OwnershipDocument, before: Before) -> "Memory":
        """What was done before the filing with *document*, before which is what is looked up.

        What an amendment says again counts once, and what the filing itself amends is not its past.
        """
        amended = document.date_of_original_submission if document.is_amendment else None
        past = [one for one in before.filings if amended is None or amended not in (filed_on(one), one.amends)]
        return cls(filings=tuple(past), done=tuple(_done(past)), complete=before.complete)

    def last(self, deed: Deed, owners: frozenset[Cik], day: date) -> Done | None:
        """The last time that one of *owners* did it before *day*; None: nothing tells of any."""
        mine = (one for one in self._of(deed, owners) if one.sure and one.day is not None and one.day < day)
        return max(mine, key=lambda one: one.day or day, default=None)

    def unclear(self, deed: Deed, owners: frozenset[Cik], after: date | None, before: date) -> Done | None:
        """What may have been the last one after *after* (None: at any time), and *before* that day."""
        mine = (one for one in self._of(deed, owners) if not one.sure or one.day is None)
        dated = [(latest, one) for one in mine if (latest := one.latest(before)) is not None]
        found = max(dated, key=lambda pair: pair[0], default=None)
        return None if found is None or (after is not None and found[0] <= after) else found[1]

    def within(self, deed: Deed, owners: frozenset[Cik], first: date, last: date) -> Done | None:
        """The last one of those days."""
        found = self.last(deed, owners, last + _A_DAY)
        return found if found is not None and found.day is not None and found.day >= first else None

    def between(self, deed: Deed, owners: frozenset[Cik], first: date, last: date) -> Iterator[Done]:
        """Each time that one of *owners* did it on one of those days."""
        mine = (one for one in self._of(deed, owners) if one.sure and one.day is not None)
        return (one for one in mine if one.day is not None and first <= one.day <= last)

    def covers(self, first: date) -> bool:
        """Whether nothing is missing of what was traded on *first*, and since."""
        return self.complete is not None and self.complete <= first

    def _of(self, deed: Deed, owners: frozenset[Cik]) -> Iterator[Done]:
        return (one for one in self.done if one.deed is deed and not owners.isdisjoint(one.owners))


def months_before(day: date, months: int) -> date:
    """The same day of the month *months* earlier, or the last day of that month where it has none such.

    >>> months_before(date(2025, 8, 31), 18)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), last_of_month(year, month + 1))


def last_of_month(year: int, month: int) -> date:
    """Its last day."""
    return (date(year, month, 28) + timedelta(days=4)).replace(day=1) - _A_DAY


def _done(past: Sequence[Earlier]) -> Iterator[Done]:
    amendments = [one for one in past if one.form.endswith("/A") and one.amends is not None]
    for one in past:
        later = _said_later(one, amendments) if amendments else ()
        alike: dict[tuple[str | None, str | None, int | None], list[KeptRow]] = {}
        for row in one.rows:
            if _is_deed(row) and not any(_says_again(row, new) for new in later):
                alike.setdefault(row[1:4], []).append(row)
        for (code, box, kept), rows in alike.items():
            deed, right = _BOXES[code or ""]
            filed, day = filed_on(one), None if kept is None else day_of(kept)
            sound = day is not None and SECTION_16 <= day <= filed
            yield Done(
                deed=deed,
                day=day if sound else None,
                filed=filed,
                sure=box == right,
                owners=one.owners,
                accession=one.accession,
                rows=tuple(rows),
            )


def _said_later(one: Earlier, amendments: Sequence[Earlier]) -> list[KeptRow]:
    """The rows of *amendments* to *one* that can stand in place of its own."""
    return [
        row
        for other in amendments
        if other.known > one.known and other.amends in (filed_on(one), one.amends)
        if not one.owners.isdisjoint(other.owners)
        for row in other.rows
        if row.part in _TRADED
    ]


def _says_again(old: KeptRow, new: KeptRow) -> bool:
    """Whether *new*, a row of an amendment, stands in place of *old*."""
    return (
        new.part == old.part
        and old.transaction_date is not None
        and new.transaction_date == old.transaction_date
        and folded(new.security_title) == folded(old.security_title)
        and (new.transaction_code == old.transaction_code or _shares(new) == _shares(old))
    )


def _shares(row: KeptRow) -> Decimal | None:
    return None if row.transaction_shares is None else Decimal(row.transaction_shares)


def _is_deed(row: KeptRow) -> bool:
    """Whether *row* claims to report one."""
    code = row.transaction_code
    if code not in _BOXES or row.part not in _TRADED:
        return False
    return _is_grant(row) if code == "A" else not row.equity_swap_involved


def is_sure(row: KeptRow) -> bool:
    """Whether *row* reports a deed, and the box beside its code agrees."""
    return _is_deed(row) and _BOXES[row.transaction_code or ""][1] == row.transaction_acquired_disposed_code


_NO_NOTES = Notes(OwnershipDocument(document_type="4", issuer=Issuer(issuer_cik=Cik("")), reporting_owners=()))


def _is_grant(row: KeptRow) -> bool:
    said = row.row
    if isinstance(said, DerivativeTransaction):
        return GRANTED[class_in_table_two(said, _NO_NOTES)[0]] in GRANTS
    return isinstance(said, NonDerivativeTransaction) and GRANTED[class_in_table_one(said)[0]] in GRANTS
