"""What an amendment says otherwise than a filing before it: above the tables, row by row, and in the notes."""

from collections.abc import Iterator
from dataclasses import dataclass

from consumers.amendments import boxes, head, notes
from consumers.amendments.boxes import is_holding
from consumers.amendments.pairing import Pair, Paired, Tie, paired
from consumers.amendments.version import Version
from consumers.form.cells import as_filed
from service.model.amendment import Became, BoxChange, NoteChange, RowChange
from service.model.past import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two filings, compared."""

    old: Version
    new: Version
    head: tuple[BoxChange, ...]
    tables: tuple[Paired, ...]
    rows: tuple[RowChange, ...]  # those that differ, as the amendment has them, behind them those that are missing
    notes: tuple[NoteChange, ...]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The rows that are in both."""
        return tuple(pair for table in self.tables for pair in table.pairs)

    @property
    def same(self) -> int:
        """How many rows are repeated unchanged."""
        return sum(pair.tie is Tie.EQUAL for pair in self.pairs)

    @property
    def compared(self) -> bool:
        """Whether the texts of both are here."""
        return self.old.whole and self.new.whole

    @property
    def weight(self) -> int:
        """How much they have in common, to choose among several filings."""
        return sum(table.weight for table in self.tables)

    def old_rows(self, change: Became) -> list[Row]:
        """The rows of what is amended that are *change*."""
        return [_rows(self.old, one.table)[one.was - 1] for one in self.rows if one.change is change and one.was]

    def new_rows(self, change: Became) -> list[Row]:
        """Those of the amendment."""
        return [_rows(self.new, one.table)[one.row - 1] for one in self.rows if one.change is change and one.row]


def difference(old: Version, new: Version) -> Difference:
    """What *new*, an amendment, says otherwise than *old*."""
    rounded = old.rounded or new.rounded
    tables = paired(old.tables, new.tables, rounded=rounded)
    changes = [change for table in tables for change in _changes(table, rounded=rounded)]
    return Difference(
        old=old,
        new=new,
        head=tuple(head.differing(old, new)),
        tables=tables,
        rows=tuple(sorted(changes, key=lambda one: (one.change is Became.MISSING, one.table, one.row or one.was or 0))),
        notes=tuple(notes.differing(old, new)),
    )


def _rows(version: Version, table: str) -> tuple[Row, ...]:
    return version.tables[table]


def _changes(table: Paired, *, rounded: bool) -> Iterator[RowChange]:
    for pair in table.pairs:
        if pair.tie is not Tie.EQUAL:
            old, new = table.olds[pair.old], table.news[pair.new]
            yield RowChange(
                change=Became.CHANGED,
                table=table.table,
                row=pair.new + 1,
                was=pair.old + 1,
                text=line(new),
                boxes=tuple(boxes.differing(table.table, old, new, rounded=rounded)),
            )
    for place in table.added:
        text = line(table.news[place])
        yield RowChange(change=Became.ADDED, table=table.table, row=place + 1, was=None, text=text)
    for place in table.missing:
        text = line(table.olds[place])
        yield RowChange(change=Became.MISSING, table=table.table, row=None, was=place + 1, text=text)


def line(row: Row) -> str:
    """*row* in a line: ``P 1,000 Common Stock at $10.00 on 2025-03-03``, ``held: 500 Common Stock (By Trust)``."""
    title = row.security_title or "security without a title"
    if is_holding(row):
        owned = row.shares_owned_following_transaction
        nature = f" ({row.nature_of_ownership})" if row.nature_of_ownership else ""
        return f"held: {'' if owned is None else f'{as_filed(owned)} '}{title}{nature}"
    shares, price = getattr(row, "transaction_shares", None), getattr(row, "transaction_price_per_share", None)
    day = getattr(row, "transaction_date", None)
    parts = [
        getattr(row, "transaction_code", None) or "no code",
        None if shares is None else as_filed(shares),
        title,
        f"at {as_filed(price, money=True)}" if price else None,
        None if day is None else f"on {day}",
    ]
    return " ".join(part for part in parts if part)
