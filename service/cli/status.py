"""``status``: how far everything has come, and what is in its way."""

import asyncio
import sys
from datetime import datetime
from typing import Any

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service import settings as environment
from service.cli.opened import opened
from service.cli.wiring import now
from service.store import Database, deliveries, events, filings, letters, marks, positions


def status(*, as_json: bool) -> None:
    """Show the state; exit status 1 if EDGAR refuses us, the feed has a gap, or a delivery failed."""
    found = asyncio.run(_status())
    if as_json:
        sys.stdout.write(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        _show(found, Console(highlight=False))
    if found["blocked_until"] or found["gaps"] or any(row["failed"] for row in found["deliveries"].values()):
        raise typer.Exit(1)


async def _status() -> dict[str, Any]:
    async with opened() as (database, log):
        blocked = await marks.get(database, marks.BLOCKED)
        gaps = await filings.open_gaps(database)
        return {
            "filings": {"pending": 0, "published": 0, "dead": 0} | await filings.counts(database),
            "topics": await events.counts(database),
            "lag": {group: count for (group, _), count in (await log.lag()).items()},
            "relay_lag": await _relay_lag(database),
            "dead_letters_open": await letters.count_open(database),
            "deliveries": await _deliveries(database),
            "failures": [
                {"alert": alert, "channel": channel, "at": at, "detail": detail}
                for alert, channel, at, detail in await deliveries.failures(database, 5)
            ],
            "gaps": [{"before": before, "cause": cause} for before, cause in gaps],
            "blocked_until": blocked if blocked and blocked > now() else None,
        }


async def _relay_lag(database: Database) -> int | None:
    """How many events are not in Kafka yet; None: there is no Kafka."""
    if environment.load().kafka is None:
        return None
    return await events.count_from(database, await positions.highest(database, events.RELAY))


async def _deliveries(database: Database) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (channel, state), count in (await deliveries.counts(database)).items():
        found.setdefault(channel, {"pending": 0, "delivered": 0, "failed": 0})[state] = count
    return found


def _show(found: dict[str, Any], console: Console) -> None:
    filings_ = found["filings"]
    console.print(
        f"Filings    {filings_['published']} published, {filings_['pending']} pending, {filings_['dead']} dead"
    )
    topics = ", ".join(f"{topic} {count}" for topic, count in sorted(found["topics"].items())) or "no events yet"
    console.print(f"Topics     {topics}")
    lags = ", ".join(f"{group} {count}" for group, count in sorted(found["lag"].items())) or "no groups yet"
    console.print(f"Lag        {lags}")
    if found["relay_lag"] is not None:
        console.print(f"Relay      {found['relay_lag']} events not in Kafka yet")
    if found["dead_letters_open"]:
        console.print(f"Dead       {found['dead_letters_open']} letters nobody has seen to: insiderwire dlq list")
    if found["deliveries"]:
        table = Table("Channel", "Delivered", "Pending", "Failed")
        for channel, states in sorted(found["deliveries"].items()):
            table.add_row(channel, *(str(states[state]) for state in ("delivered", "pending", "failed")))
        console.print(table)
    for failure in found["failures"]:
        _warn(console, f"{failure['channel']}: {failure['detail']} ({failure['at']:%Y-%m-%d %H:%M} UTC)")
    for gap in found["gaps"]:
        before: datetime = gap["before"]
        _warn(console, f"gap before {before:%Y-%m-%d %H:%M:%S} UTC: {gap['cause']}")
    if found["blocked_until"]:
        _warn(console, f"EDGAR refuses this client; no request before {found['blocked_until']:%H:%M:%S} UTC")


def _warn(console: Console, message: str) -> None:
    console.print(Text(message, style="red"))
