"""``backfill``: filings of the past, from the SEC's indexes."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from service.cli.calendar import refuse_unknown
from service.cli.screen import Screen
from service.clock import now
from service.model import calendar
from service.model.errors import ConfigError
from service.model.filing import Cik, central_index_key
from service.poller.backfill import units_of
from service.runtime.opened import opened
from service.runtime.stand_in import office
from service.store import Database, backfills
from service.store.backfills import Backfill, BackfillState, BackfillWish
from service.words import counted, eastern

_TODAY = "today's filings come from the feed"
_LOOK = 0.5  # seconds
_ENDED = {BackfillState.DONE: "is done", BackfillState.FAILED: "has failed", BackfillState.STOPPED: "was stopped"}


def backfill(since: date | None, until: date | None, tickers: list[str], ciks: list[str], *, alert: bool) -> None:
    """Ask for a backfill, or go on with the same one, and watch it to its end; exit status 1 if it fails."""
    wish = _wish(since, until, tickers, ciks, alert=alert)
    console = Screen(stderr=True)
    try:
        ended, account = asyncio.run(_watched(wish, console))
    except KeyboardInterrupt:
        goes_on = f"filingbell backfill --since {wish.since} --until {wish.until}{_options(wish)}"
        console.print(f"It is not forgotten: a poller goes on with it, and so does {goes_on}")
        raise
    print(account)
    for note in ended.notes:
        console.print(Text(note, style="yellow"))
    if ended.state is not BackfillState.DONE or ended.notes:
        raise typer.Exit(1)


def stop(number: int) -> None:
    """Stop backfill *number*."""
    asyncio.run(_stop(number))


def _wish(since: date | None, until: date | None, tickers: list[str], ciks: list[str], *, alert: bool) -> BackfillWish:
    yesterday = calendar.eastern_day(now()) - timedelta(days=1)
    if since is None:
        raise ConfigError("name the first day with --since, as in: filingbell backfill --since 2024-01-01")
    refuse_unknown(since, f"--since {since}")
    if since > yesterday:
        raise ConfigError(f"--since {since}: a backfill ends yesterday ({yesterday}); {_TODAY}")
    if until is not None and until > yesterday:
        raise ConfigError(f"--until {until}: a backfill ends yesterday ({yesterday}) at the latest; {_TODAY}")
    if until is not None and until < since:
        raise ConfigError(f"--until {until} is before --since {since}")
    try:
        numbers = tuple(dict.fromkeys(central_index_key(cik) for cik in ciks))
    except ValueError as error:
        raise ConfigError(f"--cik: {error}") from error
    if not all(ticker.strip() for ticker in tickers):
        raise ConfigError("--ticker is empty; write such as --ticker AAPL")
    names = tuple(dict.fromkeys(ticker.upper().replace(".", "-").replace("/", "-") for ticker in tickers))
    return BackfillWish(since=since, until=until or yesterday, tickers=names, ciks=numbers, alert=alert)


async def _watched(wish: BackfillWish, console: Console) -> tuple[Backfill, str]:
    """How it ended, and what became of what it listed, in words."""
    async with office(console) as database:
        number = await _begun(wish, database, console)
        with _bar(console) as bar:
            reading = bar.add_task("indexes read")
            fetching = bar.add_task("filings published", total=None)
            told: str | None = None
            while True:
                one, progress = await backfills.get(database, number), await backfills.progress(database, number)
                bar.update(reading, completed=one.step, total=len(one.units))
                bar.update(fetching, completed=progress.published + progress.dead, total=progress.found or None)
                if one.waits and one.waits != told:
                    words = f"Waiting until {eastern(one.due, seconds=True)}, then trying again: {one.waits}"
                    bar.console.print(Text(words, style="yellow"))
                told = one.waits
                if one.state is not BackfillState.ACTIVE:
                    break
                await asyncio.sleep(_LOOK)
    known = f"{one.listed - progress.found:,} known before, " if one.state is BackfillState.DONE else ""
    return one, (
        f"Backfill {one.id} {_ENDED[one.state]}: {counted(one.listed, 'filing')} listed, {known}"
        f"{progress.published:,} published, {progress.dead:,} never served"
    )


async def _begun(wish: BackfillWish, database: Database, console: Console) -> int:
    """The number of the backfill that does *wish*: one that runs already, or a new one."""
    for one in await backfills.active(database):
        if one.wish == wish:
            console.print(f"Going on with backfill {one.id}.")
            async with database.transaction() as tx:
                await backfills.hurry(tx, one, now())
            return one.id
    async with database.transaction() as tx:
        number = await backfills.begin(tx, wish, units_of(wish, calendar.eastern_day(now())), now())
    console.print(f"Backfill {number}: {wish.since} to {wish.until}{_of(wish.tickers, wish.ciks)}.")
    return number


def _options(wish: BackfillWish) -> str:
    """What narrows *wish*, as it is called for."""
    options = [*(f"--ticker {one}" for one in wish.tickers), *(f"--cik {int(one)}" for one in wish.ciks)]
    return "".join(f" {option}" for option in [*options, *["--alert"] * wish.alert])


def _of(tickers: Sequence[str], ciks: Sequence[Cik]) -> str:
    names = [*tickers, *ciks]
    return f", {', '.join(names)} only" if names else ""


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
    )


async def _stop(number: int) -> None:
    async with opened() as (database, _):
        active = {one.id: one for one in await backfills.active(database)}
        if number not in active:
            known = f"running: {', '.join(map(str, active))}" if active else "none is running"
            raise ConfigError(f"backfill {number} does not run; {known}")
        async with database.transaction() as tx:
            await backfills.settle(tx, active[number], BackfillState.STOPPED)
        Screen().print(f"Backfill {number} is stopped; what it has published stays.")
