"""Entries of the feed that are malformed: each is told once, and one that may hide a filing leaves a gap."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from service.edgar.feed import FeedPage
from service.poller.sweep import Hidden
from service.store import Transaction, gaps
from service.vitals import Vitals

_MOST = 1000  # are remembered: a feed that is malformed all over is told of anew now and then

log = structlog.get_logger()


class Malformed:
    """What was told of malformed entries: the feed shows them again with every look."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self._told: set[str] = set()
        self._recorded: set[str] = set()

    def tell(self, page: FeedPage) -> None:
        """Say which entries of *page* are malformed, unless that was said before."""
        for entry in page.entries:
            if entry.fault and self._is_new(f"{entry.accession} {entry.party_cik} {entry.fault}"):
                self._vitals.misread("recovered")
                log.warning("feed_entry_malformed", accession=entry.accession, form=entry.form, detail=entry.fault)
        for one in page.unreadable:
            if self._is_new(one.digest):
                self._vitals.misread("unreadable")
                log.error("feed_entry_unreadable", accession=one.accession, form=one.form, detail=one.fault)

    def unrecorded(self, hidden: Iterable[Hidden]) -> list[Hidden]:
        """Those of *hidden* that have left no gap yet."""
        return [one for one in hidden if one.entry.digest not in self._recorded]

    async def record(self, tx: Transaction, hidden: Iterable[Hidden], now: datetime) -> None:
        """Each of *hidden* leaves a gap, which the SEC's index closes."""
        for one in hidden:
            cause = f"entry {one.entry.digest} of the feed does not say which filing it is: {one.entry.fault}"
            await gaps.add_once(tx, now, one.after, one.before, cause)

    def recorded(self, hidden: Iterable[Hidden]) -> None:
        """The gaps of *hidden* are committed."""
        self._recorded.update(one.entry.digest for one in hidden)

    def _is_new(self, key: str) -> bool:
        if key in self._told:
            return False
        if len(self._told) >= _MOST:
            self._told.clear()
        self._told.add(key)
        return True
