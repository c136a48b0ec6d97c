"""Facts of the past by another calculation: from docs/rules.md, docs/facts.md and the tables alone.

It reads every row of the history at once and shares nothing with the matcher but the names of the columns.
"""

import calendar
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import text

from service.store import Database

DAY = timedelta(days=1)
DEEDS = {"P": ("purchase", "A"), "S": ("sale", "D"), "A": ("grant", "A")}
GIVEN = ("option", "right to buy", "appreciation", "restricted", "performance", "rsu", "common", "ordinary", "class a")
NUMBERS = (
    "conversion_or_exercise_price",
    "underlying_security_shares",
    "transaction_shares",
    "transaction_total_value",
)
DAYS = ("transaction_date", "expiration_date")
OTHERS = ("transaction_price_per_share", "shares_owned_following_transaction")

Told = dict[str, Any]
"""A fact by its name; a number that is known only not to be less stands as ("at least", number), None: unknown."""


class Oracle:
    """What is known before each filing, where the past is complete from *complete* on.

    *is_grant* tells of rows with code A whether they give shares, units or options.
    """

    def __init__(self, filings: Iterable[Told], complete: date, is_grant: Callable[[Told], bool] | None = None) -> None:
        self.filings = {one["filing"]: one for one in filings}
        self.complete = complete
        self._is_grant = is_grant or _given
        self._of: defaultdict[tuple[int, int], list[Told]] = defaultdict(list)
        for one in sorted(self.filings.values(), key=lambda one: (one["known"], one["filing"])):
            for owner in one["owners"]:
                self._of[owner, one["issuer"]].append(one)

    def facts(self, filing: int) -> list[Told]:
        """The facts of each row that changed hands, in the order of the form."""
        now = self.filings[filing]
        past = self._before(now)
        deeds, held = list(_deeds(past, self._is_grant)), self._held(now, past)
        return [
            {
                **{f"days_since_{deed}": self._since(deed, deeds, row, now) for deed in ("purchase", "sale", "grant")},
                "reversal": self._reversal(deeds, row, now),
                "habit": self._habit(deeds, row, now),
                "size_to_usual": self._size(deeds, row, now),
                "holding_change": held.get(id(row)),
            }
            for row in now["rows"]
            if row["part"] in (1, 3)
        ]

    def _before(self, now: Told) -> list[Told]:
        found = {one["filing"]: one for owner in now["owners"] for one in self._of[owner, now["issuer"]]}
        amended = now["amends"] if now["form"].endswith("/A") else None
        return [
            one
            for one in found.values()
            if one["known"] < now["known"] and one is not now
            if amended is None or amended not in (one["filed"], one["amends"])
        ]

    def _since(self, deed: str, deeds: list[Told], row: Told, now: Told) -> Any:
        day = _own_day(row, now)
        if day is None:
            return None
        last = max((one["day"] for one in _sure(deed, deeds) if one["day"] < day), default=None)
        may_be = [when for one in deeds if (when := _may_be(deed, one, day)) and (last is None or when > last)]
        missing = last is None or self.complete > last + DAY
        if missing and self.complete >= day:
            return None
        if not missing and not may_be:
            return Decimal((day - last).days) if last else None
        return "at least", Decimal((day - max([*may_be, *([self.complete - DAY] if missing else [])])).days)

    def _reversal(self, deeds: list[Told], row: Told, now: Told) -> bool | None:
        way, day = _way(row), _own_day(row, now)
        if way not in ("purchase", "sale"):
            return None if way is None else False
        if day is None:
            return None
        return self._done("sale" if way == "purchase" else "purchase", deeds, _months_before(day, 18), day - DAY)

    def _habit(self, deeds: list[Told], row: Told, now: Told) -> str | None:
        way, day = _way(row), _own_day(row, now)
        if way not in ("purchase", "sale") or day is None:
            return None
        months = [date(day.year - ago, day.month, 1) for ago in (3, 2, 1)]
        ends = [one.replace(day=calendar.monthrange(one.year, one.month)[1]) for one in months]
        done = [self._done(way, deeds, *span) for span in zip(months, ends, strict=True)]
        return "opportunistic" if False in done else None if None in done else "routine"

    def _done(self, deed: str, deeds: list[Told], first: date, last: date) -> bool | None:
        if any(first <= one["day"] <= last for one in _sure(deed, deeds)):
            return True
        doubtful = any(when >= first for one in deeds if (when := _may_be(deed, one, last + DAY)))
        return None if doubtful or self.complete > first else False

    def _size(self, deeds: list[Told], row: Told, now: Told) -> Decimal | None:
        way, day = _way(row), _own_day(row, now)
        if way not in ("purchase", "sale") or day is None:
            return None
        mine = [_worth(one) for one in now["rows"] if _way(one) == way and _own_day(one, now) == day]
        first = _months_before(day, 36)
        may_be = any(when >= first for one in deeds if (when := _may_be(way, one, day)))
        if None in mine or may_be or self.complete > first:
            return None
        rows: defaultdict[date, Counter[Any]] = defaultdict(Counter)
        for one in _sure(way, deeds):
            if first <= one["day"] < day:
                rows[one["day"]] |= one["worth"]
        if len(rows) < 3 or any(worth is None for of in rows.values() for *_, worth in of):
            return None
        usual = statistics.median(
            sum((Fraction(key[-1]) * count for key, count in of.items()), Fraction(0)) for of in rows.values()
        )
        return _rounded(sum(Fraction(one) for one in mine if one is not None) / usual, 6) if usual else None

    def _held(self, now: Told, past: list[Told]) -> dict[int, Decimal]:
        """What of the holding changed hands in each row of which that is known."""
        lines: defaultdict[Any, list[Told]] = defaultdict(list)
        for row in now["rows"]:
            lines[_line(row)].append(row)
        found = {}
        for line, of_line in lines.items():
            rows = of_line
            if any(row["part"] in (2, 4) for row in rows):
                continue
            before = [_counted_back(row) for row in rows]
            ends = [row["shares_owned_following_transaction"] for row in rows]
            if not (ends[:-1] == before[1:] or ends[::-1][:-1] == before[::-1][1:]) or _blank(ends[:-1], before[1:]):
                before = [None] * len(rows)
            if None in before:
                ordered, counted = self._counted_on(now, past, line, rows)
                if counted:
                    rows, before = ordered, list(counted)
            for row, number in zip(rows, before, strict=True):
                if number:
                    found[id(row)] = _rounded(Fraction(row["transaction_shares"]) * 100 / Fraction(number), 4)
        return {key: share for key, share in found.items() if share >= 0}

    def _counted_on(self, now: Told, past: list[Told], line: Any, rows: list[Told]) -> tuple[list[Told], list[Decimal]]:
        """What was held before each, from what the filing before left; none: that does not tell."""
        same = [
            one
            for one in past
            if one["owners"] == now["owners"] and not one["form"].endswith("/A") and line in map(_line, one["rows"])
        ]
        if not same:
            return rows, []
        last = max(same, key=lambda one: (one["known"], one["filing"]))
        number = _left([row for row in last["rows"] if _line(row) == line])
        if all(_own_day(row, now) for row in rows):
            rows = sorted(rows, key=lambda row: _own_day(row, now) or date.min)
        changes = [_change(row) for row in rows]
        if number is None or None in changes:
            return rows, []
        levels = [number]
        for change in changes:
            levels.append(levels[-1] + (change or 0))
        stated = [row["shares_owned_following_transaction"] for row in rows]
        agree = all(one in (None, level, levels[-1]) for one, level in zip(stated, levels[1:], strict=True))
        amended = any(
            one["form"].endswith("/A") and one["amends"] == last["filed"] and one["known"] > last["known"]
            for one in past
            if one["owners"] & last["owners"]
        )
        told = any(one is not None for one in stated) or (self.complete <= last["filed"] and not amended)
        return rows, levels[:-1] if agree and told and min(levels[1:]) >= 0 else []


async def read(database: Database) -> list[Told]:
    """Every filing of the history by its better source, with its owners and rows."""
    async with database.reading() as connection:
        filings = (await connection.execute(text("SELECT * FROM history_filings ORDER BY source DESC"))).mappings()
        found = {one["filing"]: {**one, "owners": set(), "rows": []} for one in filings}
        for owner in (await connection.execute(text("SELECT filing, source, owner FROM history_owners"))).mappings():
            if found[owner["filing"]]["source"] == owner["source"]:
                found[owner["filing"]]["owners"].add(owner["owner"])
        rows = await connection.execute(
            text("SELECT * FROM history_rows ORDER BY filing, CASE WHEN part < 3 THEN 1 ELSE 2 END, number, part")
        )
        for row in rows.mappings():
            if found[row["filing"]]["source"] == row["source"]:
                found[row["filing"]]["rows"].append(_row(row))
    for one in found.values():
        disposed = (row for row in one["rows"] if row["transaction_acquired_disposed_code"] == "D")
        given_up = {row["transaction_code"] for row in disposed}
        for row in one["rows"]:
            row["given_up"] = given_up
        one["filed"], one["amends"] = _day(one["filed"]), _day(one["amends"])
    return list(found.values())


def _row(row: Any) -> Told:
    numbers = {name: None if row[name] is None else Decimal(row[name]) for name in (*NUMBERS, *OTHERS)}
    days = {name: _day(row[name]) for name in DAYS}
    return {**row, **numbers, **days}


def _day(number: int | None) -> date | None:
    return None if number is None else date(number // 10_000, number // 100 % 100, number % 100)


def _deeds(past: list[Told], is_grant: Callable[[Told], bool]) -> Iterator[Told]:
    """Purchases, sales and grants, those without that an amendment says again."""
    amending = [one for one in past if one["form"].endswith("/A") and one["amends"]]
    for one in past:
        later = [
            row
            for other in amending
            if other["known"] > one["known"] and other["amends"] in (one["filed"], one["amends"])
            if other["owners"] & one["owners"]
            for row in other["rows"]
        ]
        for row in one["rows"]:
            code = row["transaction_code"]
            if code not in DEEDS or row["part"] not in (1, 3) or any(_again(row, new) for new in later):
                continue
            if not is_grant(row) if code == "A" else row["equity_swap_involved"]:
                continue
            deed, box = DEEDS[code]
            key = row["part"], _folded(row["security_title"]), _worth_of(row)
            sound = row["transaction_date"] and date(1934, 6, 6) <= row["transaction_date"] <= one["filed"]
            yield {
                "deed": deed,
                "day": row["transaction_date"] if sound else None,
                "filed": one["filed"],
                "sure": row["transaction_acquired_disposed_code"] == box,
                "of": one["filing"],
                "key": key,
            }


def _sure(deed: str, deeds: list[Told]) -> list[Told]:
    """Those of a day that were surely done, with what those of one filing and day are worth."""
    days: dict[Any, Told] = {}
    for one in deeds:
        if one["deed"] == deed and one["sure"] and one["day"]:
            found = days.setdefault((one["of"], one["day"]), {"day": one["day"], "worth": Counter()})
            found["worth"][one["key"]] += 1
    return list(days.values())


def _may_be(deed: str, one: Told, before: date) -> date | None:
    """The last day on which *one*, which is in doubt, can have been done before that day."""
    if one["deed"] != deed or (one["sure"] and one["day"]):
        return None
    day: date | None = one["day"]
    if day:
        return day if day < before else None
    filed: date = one["filed"]
    return min(filed, before - DAY)


def _again(old: Told, new: Told) -> bool:
    return (
        new["part"] == old["part"]
        and old["transaction_date"] is not None
        and new["transaction_date"] == old["transaction_date"]
        and _folded(new["security_title"]) == _folded(old["security_title"])
        and (
            new["transaction_code"] == old["transaction_code"] or new["transaction_shares"] == old["transaction_shares"]
        )
    )


def _given(row: Told) -> bool:
    """Whether code A is of shares, units or options, by the title."""
    title = _folded(row["security_title"])
    return any(word in title for word in GIVEN) and not any(word in title for word in ("deferred", "phantom"))


def _way(row: Told) -> str | None:
    """``purchase``, ``sale``, ``other``; None: it cannot be told."""
    code, box = row["transaction_code"], row["transaction_acquired_disposed_code"]
    if row["part"] not in (1, 3):
        return "held"
    right = {"P": "A", "S": "D", "F": "D", "D": "D", "L": "A"}.get(code, box)
    if box is None or box != right:
        return None
    if code in ("M", "X", "O", "C") and row["part"] == 3 and box == "A" and code not in row["given_up"]:
        return None  # what is exercised is given up, unless this is what that brought
    if code == "A" and box == "D":
        return "other" if _sign(row) else None
    if code in ("P", "S") and not row["equity_swap_involved"]:
        return DEEDS[code][0]
    return "other"


def _sign(row: Told) -> int:
    """1: it came, -1: it went, 0: a grant whose box says disposed, and nothing tells which is right."""
    if row["transaction_code"] != "A" or row["transaction_acquired_disposed_code"] == "A":
        return 1 if row["transaction_acquired_disposed_code"] == "A" else -1
    after, day, expires = (row[name] for name in ("shares_owned_following_transaction", *DAYS))
    if after == 0:
        return -1
    years_on = day and expires and expires - day >= timedelta(days=730)
    return 1 if after is not None and after == row["transaction_shares"] and years_on else 0


def _own_day(row: Told, now: Told) -> date | None:
    day: date | None = row["transaction_date"]
    return day if day and date(1934, 6, 6) <= day <= now["filed"] else None


def _worth(row: Told) -> Decimal | None:
    """What a row of the filing itself is worth, unless a box is in doubt."""
    price, worth = row["transaction_price_per_share"], _worth_of(row)
    if any(row[name] is not None and row[name] < 0 for name in (*NUMBERS, *OTHERS)) or (price or 0) > 1_000_000:
        return None
    return None if worth is None or worth > 100_000_000_000 else worth


def _worth_of(row: Told) -> Decimal | None:
    if row["transaction_total_value"] is not None:
        return row["transaction_total_value"]  # type: ignore[no-any-return]
    shares, price = row["transaction_shares"], row["transaction_price_per_share"]
    return None if shares is None or price is None else shares * price


def _line(row: Told) -> Any:
    terms = ("conversion_or_exercise_price", "expiration_date", "underlying_security_title")
    more = [row[name] for name in terms[:2]] + [_folded(row[terms[2]])] if row["part"] in (3, 4) else []
    return (
        row["part"] in (3, 4),
        _folded(row["security_title"]),
        row["direct_or_indirect_ownership"],
        _folded(row["nature_of_ownership"]),
        *more,
    )


def _change(row: Told) -> Decimal | None:
    """How many came (or went, less than 0)."""
    shares = row["transaction_shares"]
    if shares is None or _way(row) is None or (not shares and row["underlying_security_shares"]):
        return None  # 0 securities with shares that underlie them are flagged
    return shares * _sign(row)  # type: ignore[no-any-return]


def _counted_back(row: Told) -> Decimal | None:
    change, after = _change(row), row["shares_owned_following_transaction"]
    return None if change is None or after is None else after - change


def _blank(ends: list[Any], before: list[Any]) -> bool:
    return any(one is None for one in (*ends, *before))


def _left(rows: list[Told]) -> Decimal | None:
    ends = [row["shares_owned_following_transaction"] for row in rows]
    if None in ends or len(set(ends)) == 1:
        return None if None in ends else ends[0]
    signs = {"A": 1, "D": -1}
    boxes = [row["transaction_acquired_disposed_code"] for row in rows]
    if any(row["part"] in (2, 4) or row["transaction_shares"] is None for row in rows) or None in boxes:
        return None
    changes = [signs[box] * row["transaction_shares"] for box, row in zip(boxes, rows, strict=True)]
    down = all(ends[at] == ends[at - 1] + changes[at] for at in range(1, len(rows)))
    up = all(ends[at] == ends[at + 1] + changes[at] for at in range(len(rows) - 1))
    return ends[-1] if down else ends[0] if up else None


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _rounded(number: Fraction, digits: int) -> Decimal:
    return Decimal(round(number * 10**digits)) / Decimal(10) ** digits


def _folded(title: str | None) -> str:
    return " ".join((title or "").casefold().split())
