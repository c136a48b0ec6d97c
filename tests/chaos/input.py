"""What goes in: filings that appear in the feed at an even rate, and what must come of each."""

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from service.lookalike.archive import Listing, Party, atom_page
from tests.kit.archives import a_submission

_BROKEN_EVERY = 50
_LARGE_EVERY = 5
_ISSUERS = 97

RULES = """
rules:
  larger-purchase: {kinds: purchase, shares: ">= 1000", channels: [desk, hook]}
"""


class Stream:
    """An archive of *count* filings: number n appears n / *rate* seconds after ``begin``."""

    def __init__(self, count: int, rate: float) -> None:
        self.count = count
        self._rate = rate
        self._started: datetime | None = None
        self._appear: list[datetime] = []

    def begin(self, at: datetime) -> None:
        """The first one appears *at* this time."""
        self._appear = [at + timedelta(seconds=number / self._rate) for number in range(self.count)]
        self._started = at

    @property
    def ends(self) -> datetime:
        """When the last one appears."""
        return self._appear[-1]

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as of now: newest first, two entries a filing."""
        now = datetime.now(UTC)
        shown = bisect_right(self._appear, now)
        rows = []
        for place in range(start, min(start + count, 2 * shown)):
            number = shown - 1 - place // 2
            listing = self._listing(number)
            rows.append((self._appear[number], listing, listing.parties[place % 2]))
        return atom_page(rows, now)

    def file(self, path: str) -> bytes | None:
        """No index."""
        return None

    def submission(self, accession: str) -> bytes | None:
        """The submission, once it has appeared."""
        number = int(accession[-6:])
        if number >= bisect_right(self._appear, datetime.now(UTC)):
            return None
        shares = 1000 if is_large(number) else 100
        data = a_submission(accession, cik=issuer(number), shares=shares)
        return data.replace(b"</issuer>", b"<issuer>") if is_broken(number) else data

    def _listing(self, number: int) -> Listing:
        cik = issuer(number)
        return Listing(
            accession=accession_of(number),
            form="4",
            parties=(
                Party(name="DOE JANE", cik="0009800001", role="Reporting"),
                Party(name=f"EXAMPLE {cik} CORP", cik=cik, role="Issuer"),
            ),
            data=b"",
            accepted=self._appear[number],
        )


def accession_of(number: int) -> str:
    return f"0009990900-25-{number:06d}"


def issuer(number: int) -> str:
    return f"{9900000 + number % _ISSUERS:010d}"


def is_broken(number: int) -> bool:
    return number % _BROKEN_EVERY == _BROKEN_EVERY - 1


def is_large(number: int) -> bool:
    return number % _LARGE_EVERY == 0


def all_of(count: int) -> Iterator[str]:
    """Every filing."""
    return (accession_of(number) for number in range(count))


def broken(count: int) -> Iterator[str]:
    """Those whose document cannot be used."""
    return (accession_of(number) for number in range(count) if is_broken(number))


def alerting(count: int) -> Iterator[str]:
    """Those that meet the rule."""
    return (accession_of(number) for number in range(count) if is_large(number) and not is_broken(number))
