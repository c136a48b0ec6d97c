"""What ``status`` shows of what it found."""

from collections.abc import Iterator, Mapping

from rich.table import Column, Table
from rich.text import Text

from service.cli.screen import Screen
from service.control.channels import ChannelStanding, open_circuit
from service.control.status import Status
from service.store.processes import Loaded
from service.store.silences import HoldingSilences
from service.words import counted, eastern, shortened

_ANSWER = 60  # characters
_ALONE = ": watchlists find tickers by the filing's symbol box alone"


def show(found: Status, screen: Screen) -> None:
    """Print how far everything has come, and what is wrong."""
    for label, line in _lines(found):
        screen.hang(Text(f"{label:10} "), Text(line))
    if found.deliveries:
        screen.put(_channels(found.deliveries))
    for remark in _remarks(found):
        screen.hang(Text(), Text(remark, style="yellow"), 2)
    for one in found.conditions:
        screen.hang(Text(), Text(one.headline, style="red"), 2)
        for line in one.lines:
            screen.hang(Text("  "), Text(line), 2)


def _channels(deliveries: Mapping[str, ChannelStanding]) -> Table:
    """What each channel got, and what of it waits."""
    table = Table(Column("Channel", overflow="fold"))
    for name in ("Delivered", "Pending", "Dead"):
        table.add_column(name, justify="right")
    table.add_column("Last answer", overflow="fold")
    waits = any(one.oldest or one.next_try for one in deliveries.values())
    for name in ("Oldest waiting", "Next try") if waits else ():
        table.add_column(name, no_wrap=True)
    for channel, one in deliveries.items():
        counts = (f"{count:,}" for count in (one.delivered, one.pending, one.dead))
        times = (eastern(at) if at else "" for at in (one.oldest, one.next_try)) if waits else ()
        table.add_row(channel, *counts, Text(_answer(one)), *times)
    return table


def _answer(one: ChannelStanding) -> str:
    """Whether a channel works."""
    if not one.configured:
        return "not configured"
    if one.disabled_since:
        return f"disabled: {shortened(one.answer or 'no answer', _ANSWER)}, since {eastern(one.disabled_since)}"
    if one.circuit.opened:
        return f"{shortened(one.answer or 'no answer', _ANSWER)}; circuit {open_circuit(one.circuit)}"
    if one.failing_since:
        return f"{shortened(one.answer or 'no answer', _ANSWER)}, since {eastern(one.failing_since)}"
    return f"taken, {eastern(one.last_delivered)}" if one.last_delivered else ""


def _lines(found: Status) -> Iterator[tuple[str, str]]:
    """How far everything has come."""
    for process in found.processes:
        place = f"{process.version}, PID {process.pid} on {process.host}"
        yield "Service", f"running since {eastern(process.started)}: {', '.join(process.roles)} ({place})"
    for path, at in {(loaded.path, loaded.at) for loaded in _configurations(found)}:
        yield "Config", f"{path}, loaded {eastern(at)}"
    states = found.filings
    yield "Filings", f"{states['published']} published, {states['pending']} pending, {states['dead']} dead"
    yield "Topics", ", ".join(f"{topic} {count}" for topic, count in sorted(found.topics.items())) or "no events yet"
    if found.lag is not None:
        waiting = ", ".join(f"{group} {count}" for group, count in sorted(found.lag.items()))
        yield "Waiting", f"records: {waiting}" if waiting else "no stage has run yet"
    if found.feed.read:
        shown = f", newest filing {eastern(found.feed.newest, seconds=True)}" if found.feed.newest else ""
        yield "Feed", f"read {eastern(found.feed.read, seconds=True)}{shown}"
    listed = found.tickers.read
    yield "Tickers", f"the SEC's list, read {eastern(listed)}" if listed else f"the SEC's list is not here yet{_ALONE}"
    if found.days_unproven or found.filings_missing:
        yield "Days", _days(found.days_unproven, found.filings_missing)
    for one in found.backfills:
        read, fetched = f"{one.read} of {one.to_read}", f"{one.published} of {one.found}"
        span = f"{one.since} to {one.until}"
        yield "Backfill", f"{one.id}: {span}, {read} indexes read, {fetched} filings published"
    if found.relay_lag is not None:
        yield "Relay", f"{counted(found.relay_lag, 'event')} not in Kafka yet"
    if found.dead_letters_open:
        yield "Unusable", f"{counted(found.dead_letters_open, 'record')} could not be used: filingbell dlq list"


def _days(unproven: int, missing: int) -> str:
    """That days are still to be compared, and what is known to be missing."""
    left = f"{counted(unproven, 'day')} still to be checked against the SEC's index" if unproven else ""
    lacking = f"{counted(missing, 'filing')} missing that the SEC's index lists" if missing else ""
    known = f"{left}, {lacking}" if left and lacking else lacking or f"{left} (nothing known to be missing)"
    return f"{known}. Details: filingbell completeness"


def _configurations(found: Status) -> list[Loaded]:
    return [one.configuration for one in found.processes if one.configuration]


def _silenced(held: HoldingSilences) -> str:
    one = held.silences == 1
    kept = f"{counted(held.suppressed, 'delivery', 'deliveries')} not sent for {'it' if one else 'them'}"
    return f"{counted(held.silences, 'silence')} {'holds' if one else 'hold'}, {kept}: filingbell silences list"


def _not_told(found: Status) -> Iterator[str]:
    """What is held or silenced, as it is meant to be."""
    for channel, standing in found.deliveries.items():
        if standing.held_until:
            held = counted(standing.held, "message")
            yield f"{channel}: {held} held until {eastern(standing.held_until)}, by its quiet hours or for its digest"
    if found.silenced.silences:
        yield _silenced(found.silenced)


def _remarks(found: Status) -> Iterator[str]:
    """What to know, though nothing is wrong with the service."""
    for loaded in _configurations(found):
        if loaded.fault:
            yield f"the configuration was not loaded again, the last good one stays: {loaded.fault}"
    for process in found.edited:
        if process.configuration is not None:
            path, at = process.configuration.path, eastern(process.configuration.at)
            yield f"{path} has changed since it was loaded at {at}: kill -HUP {process.pid}"
    yield from _not_told(found)
    if found.tickers.waits and found.tickers.waits_since:
        since = eastern(found.tickers.waits_since)
        yield f"the SEC's list of tickers could not be read since {since}, and is tried again: {found.tickers.waits}"
    for one in found.backfills:
        if one.waits:
            yield f"backfill {one.id} waits, and is tried again: {one.waits}"
