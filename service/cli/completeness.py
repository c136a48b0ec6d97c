"""``completeness`` and ``reconcile``: what the SEC's index lists, and what of it was published."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date, timedelta

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service import settings as environment
from service.cli.calendar import refuse_unknown
from service.cli.out import print_json
from service.cli.screen import Screen
from service.clock import now
from service.control import completeness as control
from service.control.completeness import DayStanding, SpanAccount, standing
from service.model import calendar
from service.model.errors import ConfigError
from service.runtime.opened import opened
from service.runtime.stand_in import office
from service.settings import Settings
from service.store import Database, day_records, days
from service.store.day_records import DayRecord
from service.store.days import DayState
from service.words import counted, eastern

_SHOWN = timedelta(days=30)
_LOOK = 0.2  # seconds
_NAMED = 20  # missing filings
_LEGEND = (
    ("Seen", "published when the feed listed them"),
    ("Recovered", "the feed missed them; comparing with the index found them"),
    ("Dead", "EDGAR never served a document that can be used: filingbell dlq list"),
    ("Missing", "listed by the index, and not published yet"),
    ("not proven", "the index could not be read, or not be trusted, yet"),
)
_STYLES = {
    DayStanding.COMPLETE: "green",
    DayStanding.MISSING: "red",
    DayStanding.NOT_PROVEN: "yellow",
    DayStanding.WAITING: "yellow",
    DayStanding.CLOSED: "dim",
}
_COUNTS = ("indexed", "seen", "recovered", "dead", "missing")


def completeness(since: date | None, *, as_json: bool) -> None:
    """Show each day's account from *since* on; exit status 1 if anything is missing, or a day is overdue."""
    if since is not None:
        refuse_unknown(since, f"--since {since}")
    first = since or calendar.eastern_day(now()) - _SHOWN
    settings = environment.load()
    account = asyncio.run(_account(first, settings))
    if as_json:
        _write(account.records)
    elif account.records:
        _show(account, Screen())
    elif not account.late:
        at = f"{settings.reconcile_at:%H:%M}"
        print(f"No day since {first} has been compared yet: each is at {at} Eastern on the next day.")
        back = "" if since else " To look further back: filingbell completeness --since DATE."
        print(f"To do it now: filingbell reconcile DATE.{back}")
    if account.late:
        first, last = account.late[0], account.late[-1]
        which, how = (f"{first}", f"{first}") if first == last else (f"{first} to {last}", f"--since {first}")
        print(
            f"{counted(len(account.late), 'day')} ({which}) should have been compared by now. Does a poller run? "
            f"To do it now: filingbell reconcile {how}",
            file=sys.stderr,
        )
    if account.late or any(record.missing for record in account.records):
        raise typer.Exit(1)


def reconcile(day: date | None, since: date | None, *, as_json: bool) -> None:
    """Compare *day*, or every day from *since* on, with its index now."""
    today = calendar.eastern_day(now())
    if (day is None) == (since is None):
        raise ConfigError("name one day (filingbell reconcile 2025-03-03), or the first of several with --since")
    first = day or since
    assert first is not None
    refuse_unknown(first, f"{first}" if day else f"--since {first}")
    if since == today:
        raise ConfigError(f"--since {since} is today; to compare today alone: filingbell reconcile {since}")
    last = day or today - timedelta(days=1)
    wanted = calendar.weekdays(first, last)
    if not wanted:
        if as_json:
            _write([])
        Screen(stderr=as_json).print(
            f"{first:%A} {first}: EDGAR takes no filings on weekends, and there is no index. Nothing is missing."
        )
        return
    account = asyncio.run(_reconcile(wanted, Screen(stderr=True), environment.load()))
    if as_json:
        _write(account.records)
    else:
        _show(account, Screen())
    gone = set(wanted) - {record.day for record in account.records}
    if gone:
        print(
            f"{counted(len(gone), 'day')} from {min(gone)} on: the request was withdrawn in the meantime",
            file=sys.stderr,
        )
    if gone or not all(record.is_complete for record in account.records):
        raise typer.Exit(1)


async def _account(since: date, settings: Settings) -> SpanAccount:
    async with opened() as (database, _):
        return await control.account(database, since, date.max, settings.reconcile_at, now(), _NAMED)


async def _reconcile(wanted: Sequence[date], console: Console, settings: Settings) -> SpanAccount:
    async with office(console) as database:
        async with database.transaction() as tx:
            await days.ask(tx, wanted, now())
        try:
            records = await _compared(database, wanted, console)
            return SpanAccount(
                records=tuple(records), missing=tuple(await day_records.missing(database, wanted, _NAMED))
            )
        except asyncio.CancelledError:
            async with database.transaction() as tx:
                forgotten = await days.forget(tx, wanted, settings.reconcile_at)
            console.print(f"{counted(forgotten, 'day')} that had not been looked at: forgotten.")
            raise


async def _compared(database: Database, wanted: Sequence[date], console: Console) -> list[DayRecord]:
    """The account of *wanted*, once each has been looked at and everything missing has been asked for."""
    told: dict[date, str | None] = {}
    with console.status(f"comparing {counted(len(wanted), 'day')} with the SEC's index") as shown:
        while True:
            records = await day_records.records(database, only=wanted)
            waiting = [record for record in records if record.looks == 0]
            if not waiting and not any(record.untried for record in records):
                return records
            for record in records:
                if record.state is DayState.DUE and record.looks and told.get(record.day) != record.note:
                    told[record.day] = record.note
                    console.print(Text(f"{record.day}: {record.note}", "yellow"))
            shown.update(
                f"{len(wanted) - len(waiting)} of {counted(len(wanted), 'day')} compared, "
                f"{counted(sum(record.missing for record in records), 'filing')} to fetch"
            )
            await asyncio.sleep(_LOOK)


def _write(records: Sequence[DayRecord]) -> None:
    content = [
        {"day": record.day, "state": record.state, "note": record.note, "read": record.read}
        | {name: getattr(record, name) for name in _COUNTS}
        for record in records
    ]
    print_json(content)


def _show(account: SpanAccount, console: Screen) -> None:
    records = account.records
    table = Table("Day", "In index", "Seen", "Recovered", "Dead", "Missing", "State")
    for column in table.columns[1:6]:
        column.justify = "right"
    for record in records:
        counts = [str(getattr(record, name)) for name in _COUNTS]
        stands = standing(record)
        table.add_row(
            f"{record.day:%a} {record.day}",
            *counts,
            Text(stands, _STYLES[stands]),
            style="red" if record.missing else None,
        )
    sums = [str(sum(getattr(record, name) for record in records)) for name in _COUNTS]
    table.add_section()
    table.add_row(counted(len(records), "day"), *sums, "", style="bold")
    table.columns[0].no_wrap = table.columns[6].no_wrap = True
    console.put(table)
    for name, meaning in _LEGEND:
        console.hang(Text(f"{name:12}", style="dim"), Text(meaning, style="dim"))
    for record in records:
        if record.state is DayState.DUE and record.looks:
            console.hang(Text(f"{record.day}: "), Text(f"{record.note}; next look at {eastern(record.due)}", "yellow"))
        elif record.note and record.state is DayState.READ:
            console.hang(Text(f"{record.day}: "), Text(record.note, "yellow"))
    for one in account.missing:
        tried = f"{one.waits} ({counted(one.tries, 'try', 'tries')})" if one.waits else "not asked for yet"
        again = f"next try at {eastern(one.due)}"
        console.hang(Text(f"{one.day}: "), Text(f"{one.accession}: {tried}; {again}", "red"))
    more = sum(record.missing for record in records) - len(account.missing)
    if more > 0 and len(account.missing) == _NAMED:  # else some were published since the days were counted
        console.print(Text(f"and {more} more", "red"))
