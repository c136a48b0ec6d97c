"""``deliveries``: what was sent and what was not, and how to bring it back."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import typer
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.text import Text

from service.cli.moment import moment
from service.cli.out import print_json
from service.cli.resources import whoever_types
from service.cli.screen import Screen
from service.clock import now
from service.control import deliveries as control
from service.control.audit import Asked
from service.control.channels import open_circuit
from service.control.deliveries import Way
from service.control.workspaces import called
from service.model.delivery import State, Suppression
from service.model.errors import ConfigError
from service.model.identity import WorkspaceId
from service.model.message import MessageKind
from service.runtime.opened import opened
from service.store import Database, channels
from service.store.ledger import Chosen, Delivery, Try
from service.store.resending import Resent
from service.text import one_line
from service.words import counted, eastern

T = TypeVar("T")

STYLES = {State.DELIVERED: "green", State.PENDING: "yellow", State.DEAD: "red", State.SUPPRESSED: "dim"}

WHY_NOT = {
    Suppression.REMOVED: "the channel had been removed; to tell another: filingbell deliveries move",
    Suppression.ELSEWHERE: "the channel belongs to another workspace",
    Suppression.MOVED: "it was moved to another channel",
    Suppression.HISTORY: "the filing is of the past, and no digest was asked for",
    Suppression.ITSELF: "it says that this channel takes nothing; name a second one below operations",
    Suppression.SILENCED: "it is silenced",
}
"""Why a channel is not told, for people."""


def why_not(one: Delivery) -> str:
    """Why a suppressed delivery is not told, and how to see more."""
    said = WHY_NOT[Suppression(one.reason)] if one.reason else ""
    return f"{said}: filingbell silences show {one.silence}" if one.silence else said


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
        return bool(self.names or self.channel or self.since or self.until or self.all)


def show_list(wish: Wish, limit: int, *, as_json: bool) -> None:
    """List those that *wish* means: without a state, what has not arrived."""
    found = asyncio.run(_with(wish, lambda database, meant: control.listed(database, meant, limit)))
    if as_json:
        print_json([_row(one) for one in found])
        return
    console = Screen()
    if not found:
        console.print("no such deliveries" if wish.says_which() or wish.state else "everything has been delivered")
    for one in found:
        _show(one, console)
    if len(found) == limit:
        console.print(Text(f"These are the latest {limit}; for more: --limit", style="dim"))
    _tell_way_back(found, console)


def show(name: str, workspace: str, *, as_json: bool) -> None:
    """Print the way of an alert, or of all alerts on a filing, with every attempt."""
    found = asyncio.run(_with(Wish(workspace=workspace, names=(name,), all=True), control.ways))
    if as_json:
        print_json([_row(one.delivery) | {"attempts": [_attempt(each) for each in one.tries]} for one in found])
        return
    console = Screen()
    for one in found:
        _show_way(one, console)
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
        "nothing to send again: no dead delivery matches",
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


def _asked(workspace: WorkspaceId) -> Asked:
    return Asked(by=whoever_types(workspace), at=now())


async def _in_workspace(workspace: str, use: Callable[[Database, WorkspaceId], Awaitable[T]]) -> T:
    async with opened() as (database, _):
        return await use(database, await called(database, workspace))


async def _by_name(database: Database, counts: Mapping[str, int]) -> dict[str, int]:
    """*counts* by the names of their channels."""
    names = await channels.names(database)
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


def _moment(option: str, said: str | None) -> datetime | None:
    try:
        return moment(said, now()) if said else None
    except ValueError as error:
        raise ConfigError(f"{option}: {error}") from None


def _states(wish: Wish) -> tuple[State, ...]:
    if wish.state is None:
        return () if wish.all or wish.names or wish.digest else (State.PENDING, State.DEAD)
    if wish.state not in set(State):
        raise ConfigError(f"--state: there is no state {wish.state!r}; the states are {', '.join(State)}")
    return (State(wish.state),)


def _report(counts: Mapping[str, int], done: str, nothing: str) -> None:
    for channel, count in counts.items():
        print(f"{channel}: {counted(count, 'delivery', 'deliveries')} {done}")
    if not counts:
        print(nothing)
        raise typer.Exit(1)


def _show(one: Delivery, console: Console) -> None:
    what = one.accession or f"{one.kind} {one.notice or ''}".strip()
    state = f"{one.state}, acknowledged" if one.acknowledged else str(one.state)
    console.print(
        Text.assemble(
            (f"{eastern(one.owed)}  ", "dim"),
            (state, STYLES[one.state]),
            f"  {one.channel_name}  {what}  {one.rule or ''}",
        ),
        soft_wrap=True,
    )
    for line in _about(one):
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print(Text(f"  id {one.id}", style="dim"), soft_wrap=True)


def _about(one: Delivery) -> Iterable[str]:
    if one.state is State.SUPPRESSED and one.reason:
        yield why_not(one)
    elif one.told_in is not None:
        yield f"told together with others, in the digest {one.told_in}"
    elif one.told_with is not None:
        yield f"told together with the alert {one.told_with}, in one message{_at(one)}"
    elif one.held_until is not None:
        yield f"held until {eastern(one.held_until)}, {_held_by(one)}"
    elif one.circuit is not None:
        yield f"waiting: {one.channel_name}'s circuit is {open_circuit(one.circuit)}"
        yield from _tries(one)
    else:
        yield from _tries(one)


def _tries(one: Delivery) -> Iterable[str]:
    if one.last is None:
        yield "not tried yet" if not one.tries else f"{counted(one.tries, 'try', 'tries')}, of which none is kept"
    else:
        yield f"{counted(one.tries, 'try', 'tries')}, the last {eastern(one.last.at)}: {one_line(one.last.detail)}"
        if one.due is not None:
            yield f"next try {eastern(one.due)}"


def _at(one: Delivery) -> str:
    return f", {eastern(one.settled)}" if one.settled else ""


def _held_by(one: Delivery) -> str:
    if not one.gathered:
        return "when the channel's quiet hours end"
    return "for the channel's digest" if one.beyond is None else f"beyond the maximum an hour of its {one.beyond}"


def _show_way(way: Way, console: Console) -> None:
    _show(way.delivery, console)
    for each in way.tries:
        answer = f"{each.number}. {eastern(each.at)}, {each.seconds:.1f} s: {each.outcome}: {one_line(each.detail)}"
        console.print(Text(f"    {answer}", style=STYLES[each.outcome]), soft_wrap=True)


def _tell_way_back(found: Sequence[Delivery], console: Console) -> None:
    """How to send again what is dead."""
    dead = [one for one in found if one.state is State.DEAD and one.kind is not MessageKind.TEST]
    for channel in sorted({one.channel_name for one in dead}):
        console.print(
            Text(f"Once {channel} works, send dead ones again: filingbell deliveries resend --channel {channel}"),
            soft_wrap=True,
        )


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel_name,
        "state": one.state,
        "kind": one.kind,
        "accession": one.accession,
        "rule": one.rule,
        "rule_id": one.rule_id,
        "notice": one.notice,
        "owed": one.owed,
        "tries": one.tries,
        "reason": one.reason,
        "next_try": one.due,
        "circuit": one.circuit and {"opened": one.circuit.opened, "probe_at": one.circuit.probe_at},
        "held_until": one.held_until,
        "settled": one.settled,
        "acknowledged": one.acknowledged,
        "told_in": one.told_in,
        "told_with": one.told_with,
        "gathered": one.gathered,
        "beyond": one.beyond,
        "silence": one.silence,
        "last": one.last and _attempt(one.last),
    }


def _attempt(one: Try) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "seconds": one.seconds,
        "outcome": one.outcome,
        "status": one.status,
        "detail": one.detail,
    }
