"""``completeness`` and ``reconcile``: what the SEC's index lists, and what of it was published."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date, timedelta

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service import settings as environment
from service.cli.office import office
from service.cli.opened import opened
from service.cli.wiring import now
from service.edgar import hours
from service.model.errors import ConfigError
from service.settings import Settings
from service.store import days, marks
from service.store.days import DayRecord, State

_SHOWN = timedelta(days=30)
_LOOK = 0.2  # seconds
_OVERDUE = timedelta(hours=24)  # after a day's index could be trusted, it should have been
_COUNTS = ("indexed", "seen", "recovered", "dead", "missing")


def completeness(since: date | None, *, as_json: bool) -> None:
    """Show each day's account from *since* on; exit status 1 if anything is missing, or a day is long overdue."""
    first = since or hours.eastern_day(now()) - _SHOWN
    settings = environment.load()
    records, late = asyncio.run(_records(first, settings))
    if as_json:
        _write(records)
    elif records:
        _show(records, Console(highlight=False))
    elif not late:
        at = f"{settings.reconcile_at:%H:%M}"
        print(f"No day since {first} has been compared yet: each is at {at} Eastern on the next day.")
        print("To do it now: insiderwire reconcile DATE. To look further back: insiderwire completeness --since DATE.")
    if late:
        days_late = f"{late[0]}" if len(late) == 1 else f"{len(late)} days ({late[0]} to {late[-1]})"
        told = f"{days_late} should have been compared by now. Does a poller run? To do it now: insiderwire reconcile"
        print(f"{told} {late[0]}" if len(late) == 1 else f"{told} --since {late[0]}", file=sys.stderr)
    if late or any(record.missing for record in records):
        raise typer.Exit(1)


def reconcile(day: date | None, since: date | None, *, as_json: bool) -> None:
    """Compare *day*, or every day from *since* on, with its index now."""
    today = hours.eastern_day(now())
    if (day is None) == (since is None):
        raise ConfigError("name one day (insiderwire reconcile 2025-03-03), or the first of several with --since")
    first = day or since
    assert first is not None
    if first > today:
        raise ConfigError(f"{first} has not come yet; the SEC publishes a day's index at about 22:00 Eastern")
    if first < hours.FIRST:
        raise ConfigError(f"the SEC has ownership forms as XML from {hours.FIRST} on; {first} is before that")
    if since == today:
        raise ConfigError(f"--since {since} is today; to compare today alone: insiderwire reconcile {since}")
    last = day or today - timedelta(days=1)
    every = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    wanted = [one for one in every if hours.is_weekday(one)]
    console = Console(highlight=False, stderr=as_json)
    if not wanted:
        if as_json:
            _write([])
        console.print(
            f"{first:%A} {first}: EDGAR takes no filings on weekends, and there is no index. Nothing is missing."
        )
        return
    records = asyncio.run(_reconcile(wanted, console))
    if as_json:
        _write(records)
    else:
        _show(records, console)
    if not all(record.is_complete for record in records):
        raise typer.Exit(1)


async def _records(since: date, settings: Settings) -> tuple[list[DayRecord], list[date]]:
    """The account of each day, and the days that are more than a day late, whether or not anybody has looked."""
    async with opened() as (database, _):
        records = await days.records(database, since)
        floor = await marks.get(database, marks.FLOOR)
    settled = {record.day for record in records if record.state is not State.DUE}
    late = {record.day for record in records} - settled
    if floor is not None:  # the service has run since then: a day without a record is late as well
        first, today = max(since, hours.eastern_day(floor)), hours.eastern_day(now())
        every = (first + timedelta(days=number) for number in range((today - first).days))
        late |= {day for day in every if hours.is_weekday(day)} - settled
    return records, sorted(day for day in late if now() - hours.due(day, settings.reconcile_at) > _OVERDUE)


async def _reconcile(wanted: Sequence[date], console: Console) -> list[DayRecord]:
    async with office(console) as (_, database):
        async with database.transaction() as tx:
            await days.ask(tx, wanted, now())
        with console.status(f"comparing {len(wanted)} days with the SEC's index") as shown:
            while True:
                records = await days.records(database, only=wanted)
                waiting = [record for record in records if record.looks == 0]
                missing = sum(record.missing for record in records)
                if not waiting and not (missing and await days.untried(database, wanted)):
                    return records
                shown.update(f"{len(wanted) - len(waiting)} of {len(wanted)} days compared, {missing} filings to fetch")
                await asyncio.sleep(_LOOK)


def _write(records: Sequence[DayRecord]) -> None:
    content = [
        {"day": record.day, "state": record.state, "note": record.note, "read": record.read}
        | {name: getattr(record, name) for name in _COUNTS}
        for record in records
    ]
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2).decode() + "\n")


def _show(records: Sequence[DayRecord], console: Console) -> None:
    table = Table("Day", "In index", "Seen", "Recovered", "Dead", "Missing", "")
    for column in table.columns[1:6]:
        column.justify = "right"
    for record in records:
        counts = [str(getattr(record, name)) for name in _COUNTS]
        word, style = _state(record)
        table.add_row(
            f"{record.day:%a} {record.day}", *counts, Text(word, style), style="red" if record.missing else None
        )
    sums = [str(sum(getattr(record, name) for record in records)) for name in _COUNTS]
    table.add_section()
    table.add_row(f"{len(records)} day{'s' * (len(records) != 1)}", *sums, "", style="bold")
    table.columns[0].no_wrap = table.columns[6].no_wrap = True
    console.print(table)
    for record in records:
        if record.note and record.state is not State.CLOSED:
            again = f"; looked at again {record.due:%Y-%m-%d %H:%M} UTC" if record.state is State.DUE else ""
            console.print(Text(f"{record.day}: {record.note}{again}", "yellow"))


def _state(record: DayRecord) -> tuple[str, str]:
    """In a word, and how it is shown."""
    if record.missing:
        return "fetching", "red"
    if record.state is State.DUE:
        return "not proven" if record.looks else "waiting", "yellow"
    return ("closed", "dim") if record.state is State.CLOSED else ("complete", "green")
