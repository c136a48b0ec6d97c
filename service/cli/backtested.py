"""What ``backtest`` shows of what it found."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from rich.table import Column, Table
from rich.text import Text

from service.cli.screen import Screen
from service.control.comparing import Held, RuleDifference
from service.control.spread import bars, stretch
from service.control.tallied import Backtest, Noise, Party, Ring
from service.model import calendar
from service.words import counted, eastern

_WIDE = 40  # columns of the longest bar
_TOLD = 10
_WEEK = 5  # business days
_EIGHTHS = " ▏▎▍▌▋▊▉"


def show(held: Held, screen: Screen) -> None:
    """Print what one rule would have done."""
    found = held.found
    screen.print(Text(held.rule, style="bold"))
    for claim in held.claims:
        screen.hang(Text("  "), Text(claim), 2)
    for line in _lines(found):
        screen.hang(Text(), Text(line), 2)
    if found.rang:
        screen.print()
        _histogram(found, screen)
        for title, parties, count in (
            ("Company", found.companies, found.companies_count),
            ("Insider", found.people, found.people_count),
        ):
            screen.print()
            screen.put(_parties(title, parties))
            if count > len(parties):
                screen.print(f"and {count - len(parties):,} more")
    if found.unknown:
        screen.print()
        _unknown(found, screen)
    if found.latest:
        screen.print()
        latest = found.latest[:_TOLD]
        _rings(f"The latest {len(latest)}" if found.rang > len(latest) else "All of them", latest, screen)


def show_difference(one: RuleDifference, screen: Screen) -> None:
    """Print where two forms of a rule part."""
    first, second = one.first.found, one.second.found
    screen.print(Text(one.first.rule, style="bold"))
    table = Table("", Column("First", justify="right"), Column("Second", justify="right"))
    for label, *values in (
        ("Alerts", f"{first.rang:,}", f"{second.rang:,}"),
        ("A week", f"{first.noise.a_week:,.1f}", f"{second.noise.a_week:,.1f}"),
        ("Unknown", f"{first.unknown_count:,}", f"{second.unknown_count:,}"),
        ("In this form alone", f"{one.only_first_count:,}", f"{one.only_second_count:,}"),
        ("In both", f"{one.both:,}", f"{one.both:,}"),
    ):
        table.add_row(label, *values)
    screen.put(table)
    for number, held in (("First", one.first), ("Second", one.second)):
        screen.hang(Text(f"{number}: "), Text("; ".join(held.claims) or "everything"))
    for line in dict.fromkeys(line for found in (first, second) for line in _limits(found)):
        screen.hang(Text(), Text(line), 2)
    for number, rings, count in (
        ("first", one.only_first, one.only_first_count),
        ("second", one.only_second, one.only_second_count),
    ):
        if rings:
            screen.print()
            _rings(f"In the {number} form alone ({count:,})", rings, screen)


def _lines(found: Backtest) -> Iterator[str]:
    noise = found.noise
    looked = counted(found.filings, "filing")
    days = f"{_day(found.reached or found.since)} to {_day(found.until)}"
    if found.oldest is None:
        yield from _limits(found)
        return
    yield f"{days}: {looked}, of which {found.held:,} had to be read{_once(found)}"
    if found.rang:
        busiest = f"; at most {noise.on_busiest:,} on {noise.busiest}" if noise.busiest else ""
        yield f"It would have rung {_times(found.rang)}{_how_often(noise)}{busiest}"
    else:
        yield "It would never have rung."
    if found.failed:
        yield f"It failed on {counted(found.failed, 'filing')}: `filingbell explain` says why"
    yield from _limits(found)


def _once(found: Backtest) -> str:
    """How many of those that were read need not be the next time."""
    if not found.kept:
        return ""
    which = "their facts are kept now" if found.kept == found.held else f"the facts of {found.kept:,} are kept now"
    return f" ({which}: the next backtest is faster)"


def _how_often(noise: Noise) -> str:
    """Empty where too few days were looked at to say so."""
    if noise.days < _WEEK:
        return ""
    days = f"{noise.days_with:,} of {counted(noise.days, 'business day')} ({noise.days_with / noise.days:.0%})"
    return f": {noise.a_week:,.1f} a week, on {days}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _limits(found: Backtest) -> Iterator[str]:
    """What keeps this from being the whole time that was asked for."""
    if found.oldest is None:
        yield "There are no filings of the past here: bring some with `filingbell history import`, or backfill days."
    elif found.oldest > (found.reached or found.since):
        yield (
            f"There is nothing here before {_day(found.oldest)}: `filingbell history import` brings the SEC's "
            "quarterly sets"
        )
    if found.reached is not None:
        yield f"It was stopped: nothing before {eastern(found.reached)} was looked at"


def _histogram(found: Backtest, screen: Screen) -> None:
    first, last = found.days
    drawn = bars(found.by_day, first, last)
    most = max(bar.count for bar in drawn)
    screen.print(Text(f"Alerts a {stretch(first, last)}", style="bold"))
    for bar in drawn:
        screen.print(Text.assemble(f"{bar.label}  ", (_bar(bar.count / most), "cyan"), f" {bar.count:,}"))


def _bar(part: float) -> str:
    whole, eighths = divmod(round(part * _WIDE * 8), 8)
    return "█" * whole + (_EIGHTHS[eighths] if eighths else "")


def _parties(title: str, parties: Sequence[Party]) -> Table:
    table = Table(Column(title, overflow="fold"), Column("CIK", justify="right"), Column("Alerts", justify="right"))
    for one in parties:
        table.add_row(Text(one.name), str(int(one.cik)), f"{one.rings:,}")
    return table


def _unknown(found: Backtest, screen: Screen) -> None:
    screen.print(
        Text(f"For {counted(found.unknown_count, 'filing')} it cannot be told, because this is unknown:", style="bold")
    )
    table = Table(Column("Claim", overflow="fold"), Column("Filings", justify="right"), Column("From"), Column("To"))
    for one in found.unknown:
        table.add_row(Text(one.claim), f"{one.filings:,}", f"{one.first}", f"{one.last}")
    screen.put(table)


def _rings(title: str, rings: Sequence[Ring], screen: Screen) -> None:
    screen.print(Text(title, style="bold"))
    for one in rings:
        screen.hang(Text(f"{eastern(one.known)}  "), Text(f"{one.headline}  {one.accession}"))


def _day(at: datetime) -> date:
    return calendar.eastern_day(at)
