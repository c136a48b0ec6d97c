"""What ``status`` shows of what it found."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from service.cli.screen import Screen
from service.words import counted, eastern, shortened

_ANSWER = 60  # characters


def show(found: dict[str, Any], screen: Screen) -> None:
    """Print how far everything has come, and what is in the way."""
    for label, line in _lines(found):
        screen.hang(Text(f"{label:10} "), Text(line))
    if found["deliveries"]:
        screen.put(_channels(found["deliveries"]))
    for warning in _warnings(found):
        screen.hang(Text(), Text(warning, style="red"), 2)


def _channels(deliveries: Mapping[str, Mapping[str, Any]]) -> Table:
    """What each channel got, and what of it waits."""
    table = Table(Column("Channel", overflow="fold"))
    for name in ("Delivered", "Pending", "Dead"):
        table.add_column(name, justify="right")
    table.add_column("Last answer", overflow="fold")
    waits = any(row["oldest"] or row["next_try"] for row in deliveries.values())
    for name in ("Oldest waiting", "Next try") if waits else ():
        table.add_column(name, no_wrap=True)
    for channel, row in deliveries.items():
        counts = (f"{row[name]:,}" for name in ("delivered", "pending", "dead"))
        times = (eastern(row[name]) if row[name] else "" for name in ("oldest", "next_try")) if waits else ()
        table.add_row(channel, *counts, Text(_answer(row)), *times)
    return table


def _answer(row: Mapping[str, Any]) -> str:
    """Whether a channel works."""
    if not row["configured"]:
        return "not configured"
    if row["failing_since"]:
        return f"{shortened(row['answer'] or 'no answer', _ANSWER)}, since {eastern(row['failing_since'])}"
    return f"taken, {eastern(row['last_delivered'])}" if row["last_delivered"] else ""


def _lines(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """How far everything has come."""
    for one in found["processes"]:
        place = f"{one['version']}, PID {one['pid']} on {one['host']}"
        yield "Service", f"running since {eastern(one['started'])}: {', '.join(one['roles'])} ({place})"
    for path, at in {(one["path"], one["at"]) for one in _configurations(found)}:
        yield "Config", f"{path}, loaded {eastern(at)}"
    states = found["filings"]
    yield "Filings", f"{states['published']} published, {states['pending']} pending, {states['dead']} dead"
    yield "Topics", ", ".join(f"{topic} {count}" for topic, count in sorted(found["topics"].items())) or "no events yet"
    if found["lag"] is not None:
        waiting = ", ".join(f"{group} {count}" for group, count in sorted(found["lag"].items()))
        yield "Waiting", f"records: {waiting}" if waiting else "no stage has run yet"
    if found["feed"]["read"]:
        newest = found["feed"]["newest"]
        shown = f", newest filing {eastern(newest, seconds=True)}" if newest else ""
        yield "Feed", f"read {eastern(found['feed']['read'], seconds=True)}{shown}"
    for one in found["backfills"]:
        read, fetched = f"{one['read']} of {one['to_read']}", f"{one['published']} of {one['found']}"
        span = f"{one['since']} to {one['until']}"
        yield "Backfill", f"{one['id']}: {span}, {read} indexes read, {fetched} filings published"
    if found["relay_lag"] is not None:
        yield "Relay", f"{counted(found['relay_lag'], 'event')} not in Kafka yet"
    if found["dead_letters_open"]:
        yield "Unusable", f"{counted(found['dead_letters_open'], 'record')} could not be used: filingbell dlq list"


def _configurations(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one["configuration"] for one in found["processes"] if one["configuration"]]


def _not_running(found: dict[str, Any]) -> Iterator[str]:
    """What of the service does not run, or does not as it should."""
    seen: dict[str, list[str]] = {}
    for one in found["absent"]:
        why = f", ended: {one['why']}" if one["why"] else ""
        told = f"last seen {eastern(one['last_seen'])}{why}" if one["last_seen"] else "never seen"
        seen.setdefault(told, []).append(one["role"])
    for told, names in seen.items():
        yield f"not running ({told}): {', '.join(names)}. Start it with: filingbell run"
    for one in found["silent"]:
        roles = ", ".join(one["roles"])
        yield f"running, PID {one['pid']}, but nothing could be written since {eastern(one['beat'])}: {roles}"
    if found["trouble"]:
        yield found["trouble"]
    for one in _configurations(found):
        if one["fault"]:
            yield f"the configuration was not loaded again, the last good one stays: {one['fault']}"
    for one in found["edited"]:
        loaded = one["configuration"]
        at = eastern(loaded["at"])
        yield f"{loaded['path']} has changed since it was loaded at {at}: kill -HUP {one['pid']}"


def _warnings(found: dict[str, Any]) -> Iterator[str]:
    """What is in the way."""
    yield from _not_running(found)
    if found["log_unavailable"]:
        yield found["log_unavailable"]
    for one in found["dead"]:
        yield f"{one['headline']}. To send them again: {one['resend']}"
    for one in found["channels"]:
        yield one["headline"]
        yield from (f"  {line}" for line in one["lines"])
    for gap in found["gaps"]:
        before = eastern(gap["before"], seconds=True)
        yield f"Filings before {before} may be missing; the SEC's daily index will show them. Why: {gap['cause']}"
    if found["days_unproven"] or found["filings_missing"]:
        yield _days(found["days_unproven"], found["filings_missing"])
    for one in found["backfills"]:
        if one["waits"]:
            yield f"backfill {one['id']} waits, and is tried again: {one['waits']}"
    for host, until in found["blocked_until"].items():
        yield f"EDGAR ({host}) refuses this client until {eastern(until, seconds=True)}; nothing is asked until then"
    for notice in found["notices"]:
        yield f"Since {eastern(notice['since'])}: {notice['headline']}"


def _days(unproven: int, missing: int) -> str:
    """That days are still to be compared, and what is known to be missing."""
    left = f"{counted(unproven, 'day')} still to be checked against the SEC's index" if unproven else ""
    lacking = f"{counted(missing, 'filing')} missing that the SEC's index lists" if missing else ""
    known = f"{left}, {lacking}" if left and lacking else lacking or f"{left} (nothing known to be missing)"
    return f"{known}. Details: filingbell completeness"
