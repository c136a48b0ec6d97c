"""``status``: how far everything has come, and what is in its way."""

import asyncio
from datetime import datetime
from typing import Any

import msgspec
import typer

from service import settings as environment
from service.cli.out import print_json
from service.cli.screen import Screen
from service.cli.standing import show
from service.clock import now
from service.control.channels import Standing, standings
from service.control.running import running
from service.edgar.pace import Host
from service.log.source import Log
from service.model.errors import Unavailable
from service.model.notice import OF_CHANNELS, NoticeKind
from service.runtime.opened import opened
from service.runtime.wiring import roles_of
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
from service.watch.channels import of_channels, told


def status(*, as_json: bool) -> None:
    """Show the state; exit status 1 if the service does not run, or something is in the way of it."""
    found = asyncio.run(_status())
    if as_json:
        print_json(found)
    else:
        show(legible(found), Screen())
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
        "channel": one.example.channel_name,
        "reason": one.reason,
        "count": one.count,
        "since": one.since,
        "answer": last and last.detail,
        "example": {"id": one.example.id, "accession": one.example.accession, "rule": one.example.rule},
        "headline": told(one),
        "resend": f"filingbell deliveries resend --channel {one.example.channel_name}",
    }
