"""One delivery as a person reads it, and as a program does: its state, why, and every attempt."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.text import Text

from service.control.channels import open_circuit
from service.control.deliveries import DeliveryWay
from service.model.delivery import DeliveryState, Suppression
from service.store.ledger import Delivery, Try
from service.text import one_line
from service.words import counted, eastern, lasted, shortened

_WIDTH = 98  # characters of a company's name, in a line of 100
STYLES = {
    DeliveryState.DELIVERED: "green",
    DeliveryState.PENDING: "yellow",
    DeliveryState.DEAD: "red",
    DeliveryState.SUPPRESSED: "dim",
}

WHY_NOT = {
    Suppression.REMOVED: "the channel had been removed; to tell another: filingbell deliveries move",
    Suppression.ELSEWHERE: "the channel belongs to another workspace",
    Suppression.MOVED: "it was moved to another channel",
    Suppression.HISTORY: "the filing is of the past, and no digest was asked for",
    Suppression.ITSELF: "it says that this channel takes nothing; name a second: filingbell operations set",
    Suppression.SILENCED: "it is silenced",
}
"""Why a channel is not told, for people."""


def why_not(one: Delivery) -> str:
    """Why a suppressed delivery is not told, and how to see more."""
    said = WHY_NOT[Suppression(one.reason)] if one.reason else ""
    return f"{said}: filingbell silences show {one.silence}" if one.silence else said


def print_delivery(one: Delivery, console: Console, company: str | None) -> None:
    """Print what became of *one*, and why; *company*: whom its filing is on, None where that is not known."""
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
    if company:
        console.print(Text(f"  {shortened(one_line(company), _WIDTH)}"), soft_wrap=True)
    for line in _about(one):
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print(Text(f"  id {one.id}", style="dim"), soft_wrap=True)


def _about(one: Delivery) -> Iterable[str]:
    if one.state is DeliveryState.SUPPRESSED and one.reason:
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


def print_way(way: DeliveryWay, console: Console, company: str | None) -> None:
    """Print a delivery, with every request that was made for it."""
    print_delivery(way.delivery, console, company)
    for each in way.tries:
        answer = f"{each.number}. {eastern(each.at)}, {lasted(each.seconds)}: {each.outcome}: {one_line(each.detail)}"
        console.print(Text(f"    {answer}", style=STYLES[each.outcome]), soft_wrap=True)


def as_row(one: Delivery, company: str | None) -> dict[str, Any]:
    """*one* for a program, with the *company* that its filing is on."""
    return {
        "id": one.id,
        "channel": one.channel_name,
        "state": one.state,
        "kind": one.kind,
        "accession": one.accession,
        "company": company,
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
        "last": one.last and as_attempt(one.last),
    }


def as_attempt(one: Try) -> dict[str, Any]:
    """One request for a program."""
    return {
        "number": one.number,
        "at": one.at,
        "seconds": one.seconds,
        "outcome": one.outcome,
        "status": one.status,
        "detail": one.detail,
    }
