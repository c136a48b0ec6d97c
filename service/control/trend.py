"""What an insider held over the years, and what was bought and sold: in shares of one security of one company."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct

from service.model.calendar import eastern_day
from service.model.ownership import NonDerivativeHolding, NonDerivativeTransaction, OwnershipForm, TransactionCode
from service.model.past import Past

Counts = tuple[tuple[date, Decimal], ...]


class Trend(Struct, frozen=True, kw_only=True):
    """By day, the earliest first."""

    title: str
    held: Counts  # directly, after each day's last row; empty for a company
    bought: Counts  # in the open market
    sold: Counts

    @property
    def days(self) -> list[date]:
        """Every day of which something is known."""
        return [day for counts in (self.held, self.bought, self.sold) for day, _ in counts]


def trend(filings: Sequence[Past], *, of_owner: bool) -> Trend:
    """What *filings* say, which are an owner's or on a company; their amendments are left out.

    Of several companies and securities those with the most rows.
    """
    rows = sorted(_rows(filings), key=lambda one: one.day)
    if not rows:
        return Trend(title="", held=(), bought=(), sold=())
    (issuer, security), _ = Counter((one.past.issuer, one.security) for one in rows).most_common(1)[0]
    mine = [one for one in rows if (one.past.issuer, one.security) == (issuer, security)]
    company = mine[-1].past.company or str(issuer)
    return Trend(
        title=f"{company}: {mine[-1].row.security_title or 'no title'}{', held directly' if of_owner else ''}",
        held=_held(mine) if of_owner else (),
        bought=_traded(mine, TransactionCode.PURCHASE),
        sold=_traded(mine, TransactionCode.SALE),
    )


class _Dated(Struct, frozen=True, kw_only=True):
    """A row of Table I, with its day."""

    day: date
    past: Past
    row: NonDerivativeTransaction | NonDerivativeHolding
    security: str  # to tell it from others


def _rows(filings: Sequence[Past]) -> Iterator[_Dated]:
    for past in reversed(filings):
        if past.form.endswith("/A"):
            continue
        for row in past.rows:
            if not isinstance(row, NonDerivativeTransaction | NonDerivativeHolding):
                continue
            traded = row.transaction_date if isinstance(row, NonDerivativeTransaction) else None
            day = traded or past.period or eastern_day(past.known)
            if day <= eastern_day(past.known):  # else it is a slip of the pen
                yield _Dated(day=day, past=past, row=row, security=(row.security_title or "").casefold().strip())


def _held(rows: Sequence[_Dated]) -> Counts:
    found = {
        one.day: one.row.shares_owned_following_transaction
        for one in rows
        if one.row.direct_or_indirect_ownership is OwnershipForm.DIRECT
    }
    return tuple((day, count) for day, count in found.items() if count is not None)


def _traded(rows: Sequence[_Dated], code: TransactionCode) -> Counts:
    """Each trade once: funds of one sponsor file the same one each."""
    found: dict[tuple[object, ...], tuple[date, Decimal]] = {}
    for one in rows:
        row = one.row
        if isinstance(row, NonDerivativeTransaction) and row.transaction_code is code and row.transaction_shares:
            same = one.day, row.transaction_shares, row.transaction_price_per_share
            found[*same, row.shares_owned_following_transaction] = one.day, row.transaction_shares
    return tuple(found.values())
