"""``deliveries``: what was sent and what was not, and how to bring it back."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import typer
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from service.cli.delivery import as_attempt, as_row, print_delivery, print_way
from service.cli.moment import moment
from service.cli.out import print_json
from service.cli.resources import whoever_types
from service.cli.screen import Screen
from service.clock import now
from service.control import deliveries as control
from service.control import tape
from service.control.audit import AskedBy
from service.control.deliveries import DeliveryWay
from service.control.workspaces import called
from service.model.delivery import DeliveryState
from service.model.errors import ConfigError
from service.model.filing import Accession
from service.model.identity import WorkspaceId
from service.model.message import MessageKind
from service.runtime.opened import opened
from service.store import Database, channel_names
from service.store.ledger import Chosen, Delivery
from service.store.resending import Resent
from service.words import counted, eastern

T = TypeVar("T")


class Wish(Struct, frozen=True, kw_only=True):
    """Which deliveries the caller means."""

    workspace: str
    names: tuple[str, ...] = ()  # ids, or filings
    channel: str | None = None
    since: str | None = None
    until: str | None = None
    all: bool = False
    state: str | None = None
    digest: str | None = None

    def says_which(self) -> bool:
        """Whether anything was said at all: nobody sends everything again by an oversight."""
        return bool(self.names or self.channel or self.all) or (self.since, self.until) != (None, None)


def show_list(wish: Wish, limit: int, *, as_json: bool) -> None:
    """List those that *wish* means: without a state, what has not arrived."""

    async def look(database: Database, meant: Chosen) -> tuple[list[Delivery], Mapping[Accession, str]]:
        these = await control.listed(database, meant, limit)
        return these, await _companies(database, these)

    found, companies = asyncio.run(_with(wish, look))
    if as_json:
        print_json([as_row(one, _on(one, companies)) for one in found])
        return
    console = Screen()
    if not found:
        said = wish.says_which() or wish.state or wish.digest
        console.print("no such deliveries" if said else "everything has been delivered")
    for one in found:
        print_delivery(one, console, _on(one, companies))
    if len(found) == limit:
        console.print(Text(f"These are the latest {limit}; for more: --limit", style="dim"))
    _tell_way_back(found, console)


def show(name: str, workspace: str, *, as_json: bool) -> None:
    """Print the way of an alert, or of all alerts on a filing, with every attempt."""

    async def look(database: Database, meant: Chosen) -> tuple[list[DeliveryWay], Mapping[Accession, str]]:
        ways = await control.ways(database, meant)
        return ways, await _companies(database, [one.delivery for one in ways])

    found, companies = asyncio.run(_with(Wish(workspace=workspace, names=(name,), all=True), look))
    if as_json:
        rows = (as_row(one.delivery, _on(one.delivery, companies)) for one in found)
        attempts = ([as_attempt(each) for each in one.tries] for one in found)
        print_json([row | {"attempts": tries} for row, tries in zip(rows, attempts, strict=True)])
        return
    console = Screen()
    for one in found:
        print_way(one, console, _on(one.delivery, companies))
    _tell_way_back([one.delivery for one in found], console)


def resend(wish: Wish, *, delivered: bool) -> None:
    """Send dead ones again; exit status 1 if no delivery is dead."""
    _refuse_nothing(wish)

    async def send(database: Database, meant: Chosen) -> Resent:
        asked = _asked(await called(database, wish.workspace))
        again = await control.resend(database, meant, delivered=delivered, asked=asked)
        return replace(again, counts=await _by_name(database, again.counts))

    again = asyncio.run(_with(wish, send))
    if again.gone:
        print(
            f"{counted(again.gone, 'alert')} cannot be sent again: the database keeps what a delivered alert said for "
            "FILINGBELL_RETENTION_HOURS"
        )
    by = f", the last by {eastern(again.last, seconds=True)}" if again.last and sum(again.counts.values()) > 1 else ""
    _report(
        again.counts,
        f"sent again, oldest first, under the same ids{by}",
        f"nothing to send again: no {'delivery' if delivered else 'dead delivery'} matches",
    )


def acknowledge(wish: Wish) -> None:
    """Have dead ones count no more; exit status 1 if no delivery is dead."""
    _refuse_nothing(wish)

    async def see_to(database: Database, meant: Chosen) -> dict[str, int]:
        asked = _asked(await called(database, wish.workspace))
        return await _by_name(database, await control.acknowledge(database, meant, now(), asked=asked))

    counts = asyncio.run(_with(wish, see_to))
    _report(
        counts,
        "acknowledged; status counts no more what nobody received. They can still be sent again",
        "nothing to acknowledge: no dead delivery matches",
    )


def flush(channel: str, workspace: str) -> None:
    """Try what waits now; exit status 1 if nothing does."""
    count = asyncio.run(
        _in_workspace(workspace, lambda database, of: control.flush(database, of, channel, now(), asked=_asked(of)))
    )
    _report({channel: count} if count else {}, "tried now, oldest first", f"nothing waits for {channel}")


def move(source: str, target: str, workspace: str) -> None:
    """Owe to *target* what waits for *source*; exit status 1 if nothing does."""
    count = asyncio.run(
        _in_workspace(
            workspace, lambda database, of: control.move(database, of, source, target, now(), asked=_asked(of))
        )
    )
    _report({target: count} if count else {}, f"moved from {source}", f"nothing waits for {source}")
    print(f"They go as soon as a running service has the channel {target} in its configuration.")


def _refuse_nothing(wish: Wish) -> None:
    if not wish.says_which():
        raise ConfigError("say which: accession numbers or ids, --channel, --since, --until, or --all")


def _asked(workspace: WorkspaceId) -> AskedBy:
    return AskedBy(by=whoever_types(workspace), at=now())


async def _in_workspace(workspace: str, use: Callable[[Database, WorkspaceId], Awaitable[T]]) -> T:
    async with opened() as (database, _):
        return await use(database, await called(database, workspace))


async def _by_name(database: Database, counts: Mapping[str, int]) -> dict[str, int]:
    """*counts* by the names of their channels."""
    names = await channel_names.names(database)
    return {names[channel]: count for channel, count in counts.items()}


async def _with(wish: Wish, use: Callable[[Database, Chosen], Awaitable[T]]) -> T:
    async def do(database: Database, workspace: WorkspaceId) -> T:
        since, until = _moment("--since", wish.since), _moment("--until", wish.until)
        meant = await control.chosen(
            database,
            workspace,
            wish.names,
            channel=wish.channel,
            since=since,
            until=until,
            states=_states(wish),
        )
        return await use(database, replace(meant, digest=wish.digest))

    return await _in_workspace(wish.workspace, do)


async def _companies(database: Database, these: Sequence[Delivery]) -> Mapping[Accession, str]:
    """What the filings that they tell of are on, as far as the tape has them."""
    return await tape.companies(database, {one.accession for one in these if one.accession})


def _on(one: Delivery, companies: Mapping[Accession, str]) -> str | None:
    return companies.get(one.accession) if one.accession else None


def _moment(option: str, said: str | None) -> datetime | None:
    try:
        return None if said is None else moment(said, now())
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def _states(wish: Wish) -> tuple[DeliveryState, ...]:
    if wish.state is None:
        return () if wish.all or wish.names or wish.digest else (DeliveryState.PENDING, DeliveryState.DEAD)
    if wish.state not in set(DeliveryState):
        raise ConfigError(f"--state: there is no state {wish.state!r}; the states are {', '.join(DeliveryState)}")
    return (DeliveryState(wish.state),)


def _report(counts: Mapping[str, int], done: str, nothing: str) -> None:
    for channel, count in counts.items():
        print(f"{channel}: {counted(count, 'delivery', 'deliveries')} {done}")
    if not counts:
        print(nothing)
        raise typer.Exit(1)


def _tell_way_back(found: Sequence[Delivery], console: Console) -> None:
    """How to send again what is dead."""
    dead = [one for one in found if one.state is DeliveryState.DEAD and one.kind is not MessageKind.TEST]
    for channel in sorted({one.channel_name for one in dead}):
        console.print(
            Text(f"Once {channel} works, send dead ones again: filingbell deliveries resend --channel {channel}"),
            soft_wrap=True,
        )
