"""How long filings took, station by station."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from service.model.filing import LEGS, leg
from service.store import Database, matchings

STATIONS: Mapping[str, str] = {
    "listed": "EDGAR accepted it -> time in the feed",
    "seen": "time in the feed -> seen",
    "fetched": "seen -> document here",
    "published": "document here -> published",
    "parsed": "published -> parsed",
    "matched": "parsed -> matched",
    "sent": "matched -> received by the channel",
    "seen-to-sent": "seen -> received by the channel",
    "whole": "EDGAR accepted it -> received by the channel",
}
"""The stretches of a filing's way, in its order, and what each is in words."""


class Took(Struct, frozen=True, kw_only=True):
    """How long a stretch took, in seconds: so much at most for 50, 90 and 99 of 100 filings."""

    count: int  # filings, or alerts where a channel received them
    p50: float
    p90: float
    p99: float
    longest: float


async def latency(database: Database, last: int) -> dict[str, Took]:
    """What is known of the *last* live filings, by station; those that none has passed are left out."""
    took: dict[str, list[timedelta]] = defaultdict(list)
    for times in await matchings.latest(database, last):
        for name in LEGS:
            stretch = leg(times, name)
            if stretch is not None:
                took[name].append(stretch)
    for one in await matchings.received(database, last):
        times = one.times
        for name, since in (("sent", times.matched), ("seen-to-sent", times.seen), ("whole", times.accepted)):
            if since is not None:
                took[name].append(one.at - since)
    return {name: _figures(took[name]) for name in STATIONS if took[name]}


def _figures(stretches: list[timedelta]) -> Took:
    ordered = sorted(stretch.total_seconds() for stretch in stretches)
    p50, p90, p99 = (ordered[min(len(ordered) - 1, len(ordered) * part // 100)] for part in (50, 90, 99))
    return Took(count=len(ordered), p50=p50, p90=p90, p99=p99, longest=ordered[-1])
