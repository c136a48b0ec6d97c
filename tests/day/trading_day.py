"""What EDGAR shows on the day: filings shaped as the busiest recorded day, its index, and what goes wrong."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from msgspec import Struct

from service.lookalike.archive import DAILY_INDEX, Listing, Party, atom_page, form_index
from service.lookalike.faults import Fault
from service.model.calendar import EASTERN
from tests.day.clock import FastClock
from tests.kit.archives import a_submission

DAY = date(2025, 3, 4)
PEAK = 17  # the hour with 665 filings, of which one minute has 32

_BY_HOUR = {6: 20, 7: 20, 8: 25, 9: 20, 10: 15, 11: 15, 12: 15, 13: 15, 14: 20, 15: 40, 16: 260, 17: 665, 18: 250}
_BY_HOUR |= {19: 120, 20: 70, 21: 40}
_OTHERS = ("424B2", "424B3", "497", "497K", "485BPOS", "425", "40-17G", "487")
_ELSEWHERE = ("1-A", "10-K", "3", "5", "6-K", "8-K", "DEF 14A", "S-1", "SC 13G", "X-17A-5")  # in the index alone
_HIDDEN = 0.004  # of filings, that the feed never shows
_LATE = 0.02  # of documents, that answer 404 at first; how many do at EDGAR, nobody has told


class Window(Struct, frozen=True):
    """From one time to another, in seconds of the clock."""

    since: float
    until: float

    def __contains__(self, at: float) -> bool:
        return self.since <= at < self.until


class Filed(Struct, frozen=True, kw_only=True):
    """A Form 4 of the day."""

    listing: Listing
    visible: float  # in seconds of the clock
    served: float  # its document, too
    hidden: bool  # from the feed


class TradingDay:
    """An archive that plays the hours from *first* to *last* of the day on *clock*; the index comes at 22:05."""

    def __init__(self, clock: FastClock, chance: random.Random, first: time, last: time) -> None:
        self._clock = clock
        self._chance = chance
        self.filed = {one.listing.accession: one for one in self._filings(first, last)}
        self._entries = sorted(self._feed_entries(), key=lambda entry: entry[0])
        self._times = [at for at, _, _ in self._entries]
        self._pages: dict[tuple[int, int], bytes] = {}
        self._index = self._made_index()
        self._index_from = clock.at(datetime.combine(DAY, time(22, 5), EASTERN))
        self._index_whole = clock.at(datetime.combine(DAY + timedelta(days=1), time(6, 3), EASTERN))
        self.entries_of_other_forms = sum(listing.form not in ("4", "4/A") for _, listing, _ in self._entries)
        self.entries = len(self._entries)

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as of now."""
        shown = bisect_right(self._times, self._clock.monotonic())
        if (shown, start) not in self._pages:
            last = shown - start
            rows = [
                (self._clock.start + timedelta(seconds=at), listing, party)
                for at, listing, party in reversed(self._entries[max(0, last - count) : max(0, last)])
            ]
            if len(self._pages) > 200:
                self._pages.clear()
            self._pages[shown, start] = atom_page(rows, self._clock.now())
        return self._pages[shown, start]

    def submission(self, accession: str) -> bytes | None:
        """The submission, once it is served."""
        one = self.filed.get(accession)
        return one.listing.data if one and self._clock.monotonic() >= one.served else None

    def file(self, path: str) -> bytes | None:
        """The day's index: cut off at first, and whole from 6:03 on the next day."""
        match = DAILY_INDEX.fullmatch(path)
        at = self._clock.monotonic()
        if match is None or match[1] != f"{DAY:%Y%m%d}" or at < self._index_from:
            return None
        return self._index if at >= self._index_whole else self._index[: len(self._index) // 2]

    def _filings(self, first: time, last: time) -> Iterator[Filed]:
        times = sorted(at for hour in _BY_HOUR for at in self._times_of(hour))
        window = Window(*(self._clock.at(datetime.combine(DAY, one, EASTERN)) for one in (first, last)))
        for number, at in enumerate(at for at in times if at in window):
            yield self._filing(number, at)

    def _times_of(self, hour: int) -> Iterator[float]:
        """Seconds at which the filings of *hour* are shown."""
        start = self._clock.at(datetime.combine(DAY, time(hour), EASTERN))
        minutes = [0] * 60
        if hour == PEAK:
            minutes[self._chance.randrange(5, 35)] = 32
        for _ in range(_BY_HOUR[hour] - sum(minutes)):
            minutes[self._chance.choice([n for n in range(60) if minutes[n] < 31])] += 1
        for minute, count in enumerate(minutes):
            for _ in range(count):
                yield start + 60 * minute + self._chance.randrange(60)  # EDGAR's times are whole seconds

    def _filing(self, number: int, at: float) -> Filed:
        chance = self._chance
        accession, cik = f"{9990000 + number % 37:010d}-25-{number:06d}", f"{9900000 + chance.randrange(400):010d}"
        form = "4/A" if chance.random() < 0.03 else "4"
        owners = chance.choices([1, 2, 3, 5, 10], [70, 15, 8, 5, 2])[0]
        names = {f"{9800000 + n}": f"DOE JANE {n} (TRUST) - B" for n in range(owners)}
        parties = [Party(name=name, cik=owner, role="Reporting") for owner, name in names.items()]
        parties.append(Party(name=f"EXAMPLE {cik} CORP", cik=cik, role="Issuer"))
        chance.shuffle(parties)
        late = chance.choice([10, 30, 60, 180]) if chance.random() < _LATE else 0
        data = a_submission(accession, form=form, cik=cik)
        accepted = (self._clock.start + timedelta(seconds=at)).astimezone(EASTERN)
        data = data.replace(b"DATETIME>20250303090000", f"DATETIME>{accepted:%Y%m%d%H%M%S}".encode())
        listing = Listing(accession=accession, form=form, parties=tuple(parties), data=data, accepted=accepted)
        return Filed(listing=listing, visible=at, served=at + late, hidden=chance.random() < _HIDDEN or number == 7)

    def _feed_entries(self) -> Iterator[tuple[float, Listing, Party]]:
        """An entry a party, now and then twice; and two others for every three of them."""
        number = 0
        for one in self.filed.values():
            if one.hidden:
                continue
            for party in one.listing.parties:
                for _ in range(2 if self._chance.random() < 0.01 else 1):
                    yield one.visible, one.listing, party
                if self._chance.random() < 2 / 3:
                    number += 1
                    yield (
                        one.visible + self._chance.randrange(30),
                        self._other(number),
                        Party(name=f"FUND {number}", cik=f"{9700000 + number % 90}", role="Filer"),
                    )

    def _other(self, number: int) -> Listing:
        form = self._chance.choice(_OTHERS)
        accession = f"{9980000:010d}-25-{number:06d}"
        return Listing(accession=accession, form=form, parties=(), data=b"", accepted=self._clock.start)

    def _made_index(self) -> bytes:
        party = Party(name="ELSEWHERE INC", cik="9700001", role="Filer")
        forms = [form for form in (*_ELSEWHERE, *_OTHERS) for _ in range(20)]
        others = [
            Listing(
                accession=f"9970000000-25-{n:06d}", form=form, parties=(party,), data=b"", accepted=self._clock.start
            )
            for n, form in enumerate(forms)
        ]
        return form_index(DAY, [*others, *(one.listing for one in self.filed.values())])


class Trouble:
    """What goes wrong with requests: a little by chance, blocks now and then, and the feed away for half an hour.

    *windows* are the outages; a block falls with the first request after each of *blocks*.
    """

    def __init__(self, clock: FastClock, chance: random.Random, windows: list[Window], blocks: list[float]) -> None:
        self._clock = clock
        self._chance = chance
        self.windows = windows
        self._blocks = sorted(blocks)
        self.dealt: list[float] = []
        self.rates = {
            Fault.UNAVAILABLE: 0.01,
            Fault.TRUNCATED: 0.004,
            Fault.TORN: 0.004,
            Fault.MALFORMED: 0.004,
            Fault.HUNG: 0.001,
        }

    def draw(self, path: str) -> Fault | None:
        """The fault of the request for *path*; None: it goes well."""
        at = self._clock.monotonic()
        if self._blocks and at >= self._blocks[0]:
            self.dealt.append(self._blocks.pop(0))
            return self._chance.choice([Fault.BLOCKED, Fault.THROTTLED])
        if "browse-edgar" in path and any(at in window for window in self.windows):
            return Fault.UNAVAILABLE
        drawn = self._chance.random()
        for fault, rate in self.rates.items():
            drawn -= rate
            if drawn < 0:
                return fault
        return None
