"""A sweep: what one reading of the feed, from the newest page back, has found, and whether it is far enough. Pure."""

from datetime import UTC, datetime, timedelta

from msgspec import Struct

from service.edgar.entry import FeedEntry, Unreadable
from service.edgar.feed import FeedPage
from service.model.filing import Accession
from service.poller.baseline import Baseline
from service.store.filings import Seen

_A_DAY = timedelta(days=1)  # a feed that ends a day short of the floor does not reach it
_GROUND = 5  # known filings, the oldest of a sweep, that make known ground


class Hidden(Struct, frozen=True, kw_only=True):
    """An unreadable entry, which may be that of a filing from ``after`` to ``before``."""

    entry: Unreadable
    after: datetime
    before: datetime


class Sweep:
    """What one reading of the feed has found so far."""

    def __init__(self, form: str, ground: Baseline, *, deep: bool) -> None:
        self.deep = deep
        self.forms = (form, f"{form}/A")
        self._ground = ground
        self._entries: dict[Accession, list[FeedEntry]] = {}
        self._newest_first: dict[Accession, None] = {}  # all that is wanted
        self.new: set[Accession] = set()
        self._hidden: list[Hidden] = []
        self.reached = 0  # the last page that was read begins there
        self.stale = False  # a page was older than the one before it, and so may hide what stood between
        self.unsure = False  # a page may have been: it says the same second, or nothing
        self._generated: datetime | None = None  # when the last page that was read was made
        self.oldest = datetime.max.replace(tzinfo=UTC)
        self.gap: str | None = None  # why known ground was not reached

    def take(self, page: FeedPage) -> dict[Accession, None]:
        """Add what *page* shows; returns the filings on it that are wanted, newest first."""
        wanted = [entry for entry in page.entries if entry.form in self.forms]
        before, after = page.entries[0].updated, page.entries[-1].updated
        if self._ground.admits(before):
            may_be_wanted = [one for one in page.unreadable if one.form is None or one.form in self.forms]
            self._hidden += [Hidden(entry=one, after=after, before=before) for one in may_be_wanted]
        for entry in wanted:
            self._entries.setdefault(entry.accession, []).append(entry)
        self.oldest = after
        if self.reached and page.generated is not None and self._generated is not None:
            self.stale |= page.generated < self._generated
            self.unsure |= page.generated == self._generated
        elif self.reached:
            self.unsure = True
        self._generated = page.generated
        shown = dict.fromkeys(entry.accession for entry in wanted if self._ground.admits(entry.updated))
        self._newest_first |= shown
        return shown

    def is_grounded(self, behind: datetime | None) -> bool:
        """Whether what was known before this sweep has been reached; *behind*: by what is older than that.

        The oldest filings that were shown must be known, a few of them: a single one can be a party's entry that came
        late.
        """
        if self.deep:  # what is known does not show that all before it is
            return False
        oldest = list(self._newest_first)[-_GROUND:]
        if behind is not None:
            oldest = [accession for accession in oldest if self._entries[accession][-1].updated <= behind]
        return len(oldest) == _GROUND and self.new.isdisjoint(oldest)

    @property
    def bound_by(self) -> tuple[str, ...]:
        """The forms whose newest known filing bounds a gap."""
        return () if self.deep else self.forms

    @property
    def hidden(self) -> list[Hidden]:
        """Unreadable entries of filings that no other entry shows, as far as one can tell."""
        return [one for one in self._hidden if one.entry.accession not in self._entries]

    def end_of_feed(self) -> None:
        """The feed goes no further back: a gap, if that is more than a day short of the floor."""
        if self.new and self.oldest - self._ground.floor > _A_DAY:
            self.gap = f"the feed ends there, but all since {self._ground.floor:%Y-%m-%d %H:%M} UTC was asked for"

    def fresh(self, seen: datetime) -> list[Seen]:
        """The new filings, oldest first: one each, whatever the number of its parties."""
        made = [self._filing(self._entries[accession], seen) for accession in self.new]
        return sorted(made, key=lambda filing: (filing.updated, filing.accession))

    def _filing(self, entries: list[FeedEntry], seen: datetime) -> Seen:
        issuer = next((entry for entry in entries if entry.is_issuer), None)
        first = issuer or entries[0]
        return Seen(
            accession=first.accession,
            form=first.form,
            archive_cik=first.archive_cik,
            issuer_cik=issuer.party_cik if issuer else None,
            issuer_name=issuer.party_name if issuer else None,
            updated=first.updated,
            seen=seen,
            history=self._ground.is_history(first.updated),
            filed_on=first.filed_on,
        )
