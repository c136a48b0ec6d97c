"""``backtest``: a rule held against the past, so that it is known before it rings how often it will."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from consumers import configuration as configfile
from consumers.matcher.match import CompiledRule
from service.cli.backtested import show, show_difference
from service.cli.moment import moment
from service.cli.screen import Screen
from service.clock import SystemClock
from service.control.backtest import backtest
from service.control.comparing import Held, RuleDifference, difference, stored
from service.control.tallied import Backtest
from service.control.workspaces import called
from service.model import calendar
from service.model.errors import ConfigError
from service.runtime.opened import opened
from service.store import Database, tickers
from service.text import legible
from service.wire import encode

_INTERRUPTED = 130

Rules = Mapping[str, CompiledRule]


class PastStretch:
    """A stretch of the past, against which rules are held until that is stopped."""

    def __init__(self, since: str, until: str | None) -> None:
        self._clock = SystemClock()
        self.now = self._clock.now()
        last = self.now if until is None else _moment(until, "--until", self.now)
        self._since = calendar.time_of_edgar(_moment(since, "--since", self.now), self.now)
        self._until = calendar.time_of_edgar(last, self.now)
        if self._since >= self._until:
            raise ConfigError(f"--since {since} is not before {'now' if until is None else f'--until {until}'}")
        self.stopped = asyncio.Event()

    async def hold(self, database: Database, rule: CompiledRule, bar: Progress) -> Backtest:
        """What *rule* would have done."""
        task = bar.add_task(rule.rule.name, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            return await backtest(
                database, rule, self._since, self._until, self._clock, tell=tell, stopped=self.stopped.is_set
            )
        finally:
            bar.remove_task(task)

    @asynccontextmanager
    async def stopping(self) -> AsyncIterator[None]:
        """The first Ctrl-C asks for what there is so far, the second one ends the command."""
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            self.stopped.set()
            loop.remove_signal_handler(signal.SIGINT)

        loop.add_signal_handler(signal.SIGINT, interrupted)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)


def backtested(named: str, since: str, until: str | None, other: Path | None, workspace: str, *, as_json: bool) -> None:
    """Print what the rule *named*, or each one of a file, would have done; *other*: a file with another form of it."""
    stretch, path = PastStretch(since, until), Path(named)
    which = path if path.suffix in (".yaml", ".yml") or path.is_file() else named
    found = asyncio.run(_found(which, other, workspace, stretch))
    if as_json:
        sys.stdout.buffer.write(encode(found) + b"\n")
    else:
        screen = Screen()
        for number, one in enumerate(found):
            if number:
                screen.print()
            if isinstance(one, RuleDifference):
                show_difference(legible(one), screen)
            else:
                show(legible(one), screen)
    if stretch.stopped.is_set():
        raise typer.Exit(_INTERRUPTED)


async def _found(
    named: str | Path, other: Path | None, workspace: str, stretch: PastStretch
) -> list[Held | RuleDifference]:
    made: list[Held | RuleDifference] = []
    async with opened() as (database, _):
        rules = await _rules(database, named, workspace)
        pairs = None if other is None else _pairs(rules, await _of_file(database, other), other)
        with _progress() as bar:
            async with stretch.stopping():
                for name, rule in rules.items():
                    if pairs is None:
                        found = await stretch.hold(database, rule, bar)
                        made.append(Held(rule=name, claims=tuple(rule.claims), found=found))
                    elif name in pairs:
                        both = await stretch.hold(database, rule, bar), await stretch.hold(database, pairs[name], bar)
                        made.append(await difference(database, (rule, pairs[name]), both, stretch.now))
    return made


async def _rules(database: Database, named: str | Path, workspace: str) -> Rules:
    if isinstance(named, Path):
        return await _of_file(database, named)
    rule = await stored(database, await called(database, workspace), named)
    return {rule.rule.name: rule}


async def _of_file(database: Database, path: Path) -> Rules:
    loaded = configfile.load(path, listed=await tickers.known(database))
    return {rule.name: CompiledRule.of(rule) for rule in loaded.rules}


def _pairs(rules: Rules, others: Rules, path: Path) -> Rules:
    """The other form of each rule: the one with its name, or the only one; those that have none are left out."""
    if len(rules) == len(others) == 1:
        return dict(zip(rules, others.values(), strict=True))
    found = {name: others[name] for name in rules if name in others}
    if not found:
        raise ConfigError(f"{path} has no rule that is called {' or '.join(map(repr, rules))}")
    return found


def _moment(text: str, option: str, now: datetime) -> datetime:
    try:
        return moment(text, now)
    except ValueError as error:
        raise ConfigError(f"{option} {error}") from None


def _progress() -> Progress:
    console = Screen(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
