"""A filing's way, from EDGAR's door to the first channel: when it passed each station, and how long that took."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from service.model.filing import Filing, Source
from service.words import span

_PLAYED_AGAIN = timedelta(days=2)  # a stretch that is longer is no latency


class Station(Struct, frozen=True, kw_only=True):
    """One station."""

    name: str
    at: datetime | None  # None: it has not come there, or nobody noted it
    took: str | None  # since the last station before that is known; None: there is none, or it tells nothing


def way(filing: Filing, sent: datetime | None) -> tuple[Station, ...]:
    """The stations of *filing*, in order."""
    return tuple(_stations(filing, sent))


def whole(filing: Filing, sent: datetime | None) -> tuple[str, str] | None:
    """How long it took from EDGAR's acceptance to the first channel, or to the rules; None: that tells nothing."""
    took = None if _late(filing) else _took(filing.times.accepted, sent or filing.times.matched)
    return None if took is None else ("EDGAR to channel" if sent else "EDGAR to rules", took)


def _stations(filing: Filing, sent: datetime | None) -> Iterator[Station]:
    times, late = filing.times, _late(filing)
    before: datetime | None = None
    for name, at in (
        ("Accepted by EDGAR", times.accepted),
        ("Listed in the feed", times.updated),
        ("Seen", times.seen),
        ("Document fetched", times.fetched),
        ("Parsed", times.parsed),
        ("Matched", times.matched),
        *([("First channel told", sent)] if sent else []),
    ):
        yield Station(name=name, at=at, took=None if late else _took(before, at))
        before = at or before


def _late(filing: Filing) -> bool:
    """Whether it came by another way than the feed: the times say nothing of how quick it was."""
    return filing.provenance.history or filing.provenance.source is not Source.FEED


def _took(start: datetime | None, end: datetime | None) -> str | None:
    if start is None or end is None or not timedelta() <= end - start < _PLAYED_AGAIN:
        return None
    return span(end - start)
