"""Companies and their insiders over years, as the SEC's quarterly sets tell of them, for oracles and large amounts.

    for quarter in market(100_000):  # 2019q1 to 2024q4, one at a time: memory stays small, 100,000 take 10 s
        quarter.zipped(folder / f"{quarter.name}_form345.zip")

``python -m tests.kit.market FOLDER [FILINGS]`` writes such zips, which ``filingbell history import FOLDER`` brings.
Equal arguments give equal sets. The same people come back year after year, and what they own adds up from row to row:

- grants: directors alike on one day; options and units of officers; units that vest, with shares withheld for tax
- exercises, sold at once or kept; sales in more than 30 rows, which go on in a second filing
- purchases: of some in the same month each year, of others when they like, now and then of several within ten days,
  also of those who sold not long before; sales, likewise, and of some each month by a plan
- funds: a chain of owners, each with a filing on the one trade, or jointly, ten owners a filing
- gifts, some on form 5; newcomers (form 3) and people who leave; directors of several companies
- amendments, days to months later, which restate every row, correct one, add one, or list holdings alone
- late filings, footnotes, placeholder dates, empty cells; the 10b5-1 box only since it exists

``Quarter.events`` says of which event each filing is, and what kind; an amendment is of the event that it amends.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from tests.kit.market_filings import Filing, Tables
from tests.kit.market_people import Company, Insider, People
from tests.kit.market_rows import Rows, held, number_of, option, trade, unit
from tests.kit.quarters import Quarter

_A_YEAR = 30  # filings on a company
_AT_ONCE, _ROWS = 10, 30  # owners and rows that one filing holds

Action = Callable[[Company, date, Sequence[Insider]], None]
Events = Iterator[tuple[date, Action, Sequence[Insider]]]


def market(filings: int, *, first: int = 2019, years: int = 6, seed: int = 1) -> Iterator[Quarter]:
    """Some *filings* of so many *years* from the *first* on, quarter by quarter."""
    made = _Market(Random(seed), max(1, round(filings / years / _A_YEAR)))
    for year in range(first, first + years):
        for quarter in range(4):
            yield made.quarter(year, quarter)


class _Market:
    def __init__(self, rnd: Random, companies: int) -> None:
        self._rnd = rnd
        self._tables = Tables()
        self._event = 0
        self._due: defaultdict[tuple[int, int], list[Filing]] = defaultdict(list)
        self._people = People(rnd)
        self._companies = [self._people.a_company() for _ in range(companies)]

    def quarter(self, year: int, quarter: int) -> Quarter:
        """What was filed in it."""
        first = date(year, 3 * quarter + 1, 1)
        for company in self._companies:
            company.price = max(1.0, round(company.price * self._rnd.lognormvariate(0.01, 0.15), 2))
            for day, action, who in sorted(self._events(company, first), key=lambda event: event[0]):
                action(company, day, who)
        filings = sorted(self._due.pop((year, quarter), ()), key=lambda filing: filing.filed)
        return self._tables.of(f"{year}q{quarter + 1}", filings, self._rnd)

    # What happens in a quarter

    def _events(self, company: Company, first: date) -> Events:
        rnd, quarter = self._rnd, (first.month - 1) // 3

        def some_day() -> date:
            return _open(first + timedelta(days=rnd.randrange(88)))

        if quarter == company.meets:
            yield some_day(), self._directors_granted, company.who("Director")
        for one in company.who("Officer"):
            if quarter == company.pays:
                yield some_day(), self._officer_granted, [one]
            if rnd.random() < 0.35:
                yield some_day(), self._vested, [one]
            if rnd.random() < 0.12:
                yield some_day(), self._exercised, [one]
        yield from self._trades(company, first, some_day)
        if company.funds and rnd.random() < 0.25:
            yield some_day(), rnd.choice((self._by_each_fund, self._by_funds_jointly)), company.funds
        if rnd.random() < 0.06:
            yield some_day(), self._replaced, [rnd.choice(company.people)]

    def _trades(self, company: Company, first: date, some_day: Callable[[], date]) -> Events:
        rnd = self._rnd
        for one in company.people:
            months = range(first.month, first.month + 3)
            if one.month in months:
                yield _open(date(first.year, one.month, rnd.randint(1, 26))), self._bought, [one]
            for month in months if one.plan else ():
                yield _open(date(first.year, month, 15)), self._sold_by_plan, [one]
            if rnd.random() < 0.05:
                yield some_day(), self._sold, [one]
            if rnd.random() < 0.02:
                yield some_day(), self._bought, [one]
            if rnd.random() < 0.012:
                yield some_day(), self._gave, [one]
        if rnd.random() < 0.05:
            day = some_day()
            for one in rnd.sample(company.people, rnd.randint(2, 5)):
                yield _open(day + timedelta(days=rnd.randrange(9))), self._bought, [one]

    def _directors_granted(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        event, shares = self._an_event("grants"), self._rnd.randrange(1_000, 9_000, 50)
        filed = self._filing_day(day)
        for one in who:
            one.shares += shares
            rows: Rows = [trade(day, "A", shares, 0, one.shares)]
            self._file(Filing(company, [one], rows, day, filed, event))

    def _officer_granted(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,), count = who, self._rnd.randrange(5_000, 90_000, 500)
        rows: Rows = []
        if self._rnd.random() < 0.6:
            one.options, one.strike = one.options + count, company.price
            rows.append(option(day, "A", count, one.strike, one.options))
        if not rows or self._rnd.random() < 0.5:
            one.units += count // 3
            rows.append(unit(day, "A", count // 3, one.units))
        self._tell(company, one, day, rows, "grant")

    def _vested(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,) = who
        if (count := one.units // 3) == 0:
            return
        one.units -= count
        one.shares += count
        rows: Rows = [unit(day, "M", count, one.units), trade(day, "M", count, 0, one.shares)]
        one.shares -= count * 2 // 5
        rows.append(trade(day, "F", count * 2 // 5, company.price, one.shares, out=True))
        self._tell(company, one, day, rows, "vesting")

    def _exercised(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,) = who
        if (count := one.options // 2) == 0:
            return
        one.options -= count
        one.shares += count
        rows: Rows = [option(day, "M", count, one.strike, one.options)]
        rows.append(trade(day, "M", count, one.strike, one.shares))
        if self._rnd.random() < 0.7:
            rows += self._sales(company, one, day, count)
        self._tell(company, one, day, rows, "exercise")

    def _bought(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,), rows = who, Rows()
        for _ in range(self._rnd.choice((1, 1, 1, 2, 4))):
            shares = self._rnd.choice((100, 500, 1_000, 2_500, 10_000, 33_333))
            one.shares += shares
            rows.append(trade(day, "P", shares, self._near(company.price), one.shares))
        self._tell(company, one, day, rows, "purchase")

    def _sold(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,) = who
        if one.shares >= 100:
            rows = self._sales(company, one, day, max(100, one.shares // self._rnd.choice((1, 3, 10, 20))))
            self._tell(company, one, day, rows, "sale")

    def _sold_by_plan(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,) = who
        if one.shares >= 1_000:
            rows = [(table, cells | {"TRANS_DATE_FN": "F4"}) for table, cells in self._sales(company, one, day, 500)]
            self._tell(company, one, day, rows, "plan", plan=True)

    def _gave(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        (one,) = who
        if (shares := one.shares // 10) > 0:
            one.shares -= shares
            rows: Rows = [trade(day, "G", shares, 0, one.shares, out=True)]
            if self._rnd.random() < 0.4:
                filed = _open(date(day.year + 1, 2, self._rnd.randint(1, 14)))
                self._file(Filing(company, [one], rows, day, filed, self._an_event("gift"), form="5"))
            else:
                self._tell(company, one, day, rows, "gift")

    def _sales(self, company: Company, one: Insider, day: date, shares: int) -> Rows:
        """So many *shares*, in one row or in many."""
        (parts,) = self._rnd.choices((1, 2, 3, 5, 8, 43), (60, 18, 9, 6, 5, 2))
        rows = Rows()
        for part in range(parts):
            sold = shares // parts + (shares % parts if part == 0 else 0)
            one.shares -= sold
            rows.append(trade(day, "S", sold, self._near(company.price), one.shares, out=True))
        return rows

    def _by_each_fund(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        """One trade, which each owner of the chain files by itself."""
        rows, event, filed = self._of_funds(company, day, who), self._an_event("chain"), self._filing_day(day)
        for one in who:
            self._file(Filing(company, [one], rows, day, filed, event))

    def _by_funds_jointly(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        """Likewise together, so many owners a filing."""
        rows, event, filed = self._of_funds(company, day, who), self._an_event("joint"), self._filing_day(day)
        for start in range(0, len(who), _AT_ONCE):
            self._file(Filing(company, who[start : start + _AT_ONCE], rows, day, filed, event))

    def _of_funds(self, company: Company, day: date, who: Sequence[Insider]) -> Rows:
        code, fund, rows = self._rnd.choice("PSSJCXU"), who[0], Rows()
        for _ in range(self._rnd.choice((1, 2, 3))):
            shares = self._rnd.randrange(10_000, 300_000, 1_000)
            out = code in "SJU" and fund.shares >= shares
            fund.shares += -shares if out else shares
            price = 0 if code in "JC" else self._near(company.price)
            rows.append(trade(day, code, shares, price, fund.shares, out=out, nature="See Footnote"))
        return rows

    def _replaced(self, company: Company, day: date, who: Sequence[Insider]) -> None:
        """Somebody leaves, and a newcomer says what they hold."""
        (one,), event = who, self._an_event("change")
        shares = min(one.shares, 100)
        one.shares -= shares
        rows: Rows = [trade(day, "D", shares, company.price, one.shares, out=True)]
        self._file(Filing(company, [one], rows, day, self._filing_day(day), event, left=True))
        other = self._people.a_person(one.title) if one.title else self._people.a_director()
        company.people[company.people.index(one)] = other
        filed = _open(day + timedelta(days=self._rnd.randrange(11)))
        rows = [held(other.shares)] if other.shares else []
        self._file(Filing(company, [other], rows, day, filed, event, form="3"))

    # How it is filed

    def _tell(self, company: Company, one: Insider, day: date, rows: Rows, kind: str, *, plan: bool = False) -> None:
        """File *rows*, so many a filing."""
        event, filed = self._an_event(kind), self._filing_day(day)
        if one.trust and len(rows) < _ROWS:
            rows.append(held(one.trust, nature="By Trust"))
        for start in range(0, len(rows), _ROWS):
            self._file(Filing(company, [one], rows[start : start + _ROWS], day, filed, event, plan=plan))

    def _file(self, filing: Filing) -> None:
        """Now, and perhaps amended later."""
        self._due[filing.filed.year, (filing.filed.month - 1) // 3].append(filing)
        if self._rnd.random() < 0.023:
            later = _open(filing.filed + timedelta(days=1 + int(self._rnd.expovariate(1 / 45))))
            self._file(
                replace(
                    filing,
                    form=f"{filing.form[0]}/A",
                    rows=self._amended(filing.rows),
                    filed=later,
                    original=filing.filed,
                )
            )

    def _amended(self, rows: Rows) -> Rows:
        """Every row again, one corrected, or one more; or holdings alone."""
        if not rows or (how := self._rnd.random()) < 0.1:
            return [held(self._rnd.randrange(100, 9_000))]
        if how < 0.4:
            return rows
        table, cells = self._rnd.choice(rows)
        box = "TRANS_SHARES" if "TRANS_SHARES" in cells else "SHRS_OWND_FOLWNG_TRANS"
        changed = table, cells | {box: number_of(self._rnd.randrange(100, 9_000))}
        return [changed] if how < 0.6 else [changed if cells is other else (name, other) for name, other in rows]

    def _filing_day(self, day: date) -> date:
        late = self._rnd.random() < 0.06
        return _open(day + timedelta(days=self._rnd.randint(5, 40) if late else self._rnd.randint(0, 2)))

    def _an_event(self, kind: str) -> tuple[int, str]:
        self._event += 1
        return self._event, kind

    def _near(self, price: float) -> float:
        return round(price * self._rnd.uniform(0.97, 1.03), 2)


def _open(day: date) -> date:
    """*day*, or the Monday after it."""
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def main() -> None:
    """Write the zips of a market into a folder."""
    folder, filings = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    folder.mkdir(parents=True, exist_ok=True)
    for quarter in market(filings):
        path = quarter.zipped(folder / f"{quarter.name}_form345.zip")
        print(f"{path}: {len(quarter.events):,} filings", flush=True)


if __name__ == "__main__":
    main()
