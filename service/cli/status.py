"""``status``: how far everything has come, and what is in its way."""

import asyncio
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service import settings as environment
from service.cli.opened import opened
from service.cli.screen import Screen
from service.cli.wiring import roles_of
from service.clock import now
from service.control.channels import Standing, standings
from service.control.running import running
from service.edgar.pace import Host
from service.log.source import Log
from service.matters.channels import of_channels, told
from service.model.errors import Unavailable
from service.model.notice import OF_CHANNELS, NoticeKind
from service.store import (
    Database,
    backfills,
    days,
    events,
    filings,
    gaps,
    ledger,
    letters,
    marks,
    notices,
    positions,
)
from service.store.backfills import Backfill
from service.store.database import file_of
from service.store.ledger import Dead
from service.text import legible
from service.words import counted, eastern

_ANSWER = 60  # characters


def status(*, as_json: bool) -> None:
    """Show the state; exit status 1 if the service does not run, or something is in the way of it."""
    found = asyncio.run(_status())
    if as_json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _show(legible(found), Screen())
    in_the_way = ("absent", "silent", "trouble", "blocked_until", "gaps", "dead", "channels", "log_unavailable")
    if any(found[name] for name in in_the_way):
        raise typer.Exit(1)


async def _status() -> dict[str, Any]:
    async with opened() as (database, log):
        blocked = {host.value: await marks.get(database, marks.blocked(host)) for host in Host}
        unproven, missing = await days.unproven(database, environment.load().reconcile_at, now())
        lag, unavailable = await _lag(log)
        dead = await ledger.dead(database)
        settings = environment.load()
        service = await running(database, roles_of(settings), file_of(settings.database_url), now())
        return {
            **msgspec.to_builtins(service, builtin_types=(datetime,)),
            "filings": {"pending": 0, "published": 0, "dead": 0} | await filings.counts(database),
            "topics": await events.counts(database),
            "lag": lag,
            "log_unavailable": unavailable,
            "relay_lag": await _relay_lag(database),
            "dead_letters_open": await letters.count_open(database),
            "deliveries": {one.channel: _row(one) for one in await standings(database, dead)},
            "dead": [_dead(one) for one in dead],
            "channels": [
                {"channel": one.subject, "kind": one.kind, "headline": one.headline, "lines": one.lines}
                for one in await of_channels(database, now())
                if one.kind is not NoticeKind.DEAD
            ],
            "feed": {"read": await marks.get(database, marks.READ), "newest": await filings.newest(database)},
            "gaps": [
                {"after": gap.after, "before": gap.before, "cause": gap.cause}
                for gap in await gaps.still_open(database)
            ],
            "days_unproven": unproven,
            "filings_missing": missing,
            "backfills": [await _backfill(database, one) for one in await backfills.active(database)],
            "notices": [
                {"kind": one.kind, "since": one.raised, "headline": one.notice.headline, "lines": one.notice.lines}
                for one in await notices.standing(database)
                if one.kind not in OF_CHANNELS  # they are told as they are now
            ],
            "blocked_until": {host: until for host, until in blocked.items() if until and until > now()},
        }


async def _lag(log: Log) -> tuple[dict[str, int] | None, str | None]:
    """How many events each group has not read; or why nobody can tell, which hides nothing that the database knows."""
    try:
        return {group: count for (group, _), count in (await log.lag()).items()}, None
    except Unavailable as error:
        return None, str(error)


async def _backfill(database: Database, one: Backfill) -> dict[str, Any]:
    progress = await backfills.progress(database, one.id)
    return {
        "id": one.id,
        "since": one.wish.since,
        "until": one.wish.until,
        "read": one.step,
        "to_read": len(one.units),
        "found": progress.found,
        "published": progress.published,
        "dead": progress.dead,
        "waits": one.waits,
    }


async def _relay_lag(database: Database) -> int | None:
    """How many events are not in Kafka yet; None: there is no Kafka."""
    if environment.load().kafka is None:
        return None
    return await events.count_from(database, await positions.highest(database, events.RELAY))


def _row(one: Standing) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__ if name != "channel"}


def _dead(one: Dead) -> dict[str, Any]:
    last = one.example.last
    return {
        "channel": one.channel,
        "reason": one.reason,
        "count": one.count,
        "since": one.since,
        "answer": last and last.detail,
        "example": {"id": one.example.id, "accession": one.example.accession, "rule": one.example.rule},
        "headline": told(one),
        "resend": f"filingbell deliveries resend --channel {one.channel}",
    }


def _show(found: dict[str, Any], console: Console) -> None:
    for label, line in _lines(found):
        console.print(f"{label:10} {line}")
    if found["deliveries"]:
        table = Table("Channel", "Delivered", "Pending", "Dead", "Last answer", "Oldest waiting", "Next try")
        for channel, row in found["deliveries"].items():
            table.add_row(channel, *(f"{row[name]:,}" for name in ("delivered", "pending", "dead")), *_about(row))
        console.print(table)
    for warning in _warnings(found):
        console.print(Text(warning, style="red"))


def _about(row: dict[str, Any]) -> Iterator[str]:
    """Whether a channel works, and what of it waits."""
    if not row["configured"]:
        yield "not configured"
    elif row["failing_since"]:
        yield f"{(row['answer'] or '')[:_ANSWER]}, since {eastern(row['failing_since'])}"
    else:
        yield f"taken, {eastern(row['last_delivered'])}" if row["last_delivered"] else ""
    yield from (eastern(row[name]) if row[name] else "" for name in ("oldest", "next_try"))


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
        yield "Lag", ", ".join(f"{group} {count}" for group, count in sorted(found["lag"].items())) or "no groups yet"
    if found["feed"]["read"]:
        newest = f", newest filing {found['feed']['newest']:%Y-%m-%d %H:%M:%S}" if found["feed"]["newest"] else ""
        yield "Feed", f"read {found['feed']['read']:%Y-%m-%d %H:%M:%S}{newest} UTC"
    for one in found["backfills"]:
        read, fetched = f"{one['read']} of {one['to_read']}", f"{one['published']} of {one['found']}"
        span = f"{one['since']} to {one['until']}"
        yield "Backfill", f"{one['id']}: {span}, {read} indexes read, {fetched} filings published"
    if found["relay_lag"] is not None:
        yield "Relay", f"{counted(found['relay_lag'], 'event')} not in Kafka yet"
    if found["dead_letters_open"]:
        yield "Dead", f"{counted(found['dead_letters_open'], 'letter')} nobody has seen to: filingbell dlq list"


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
        before: datetime = gap["before"]
        yield f"gap before {before:%Y-%m-%d %H:%M:%S} UTC, until the SEC's index closes it: {gap['cause']}"
    if found["days_unproven"] or found["filings_missing"]:
        yield (
            f"{counted(found['days_unproven'], 'day')} not compared with the SEC's index yet, "
            f"{counted(found['filings_missing'], 'filing')} of it not published: filingbell completeness"
        )
    for one in found["backfills"]:
        if one["waits"]:
            yield f"backfill {one['id']} waits, and is tried again: {one['waits']}"
    for host, until in found["blocked_until"].items():
        yield f"EDGAR ({host}) refuses this client; no request before {until:%H:%M:%S} UTC"
    for notice in found["notices"]:
        yield f"since {notice['since']:%Y-%m-%d %H:%M} UTC: {notice['headline']}"
