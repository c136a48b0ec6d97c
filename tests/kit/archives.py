"""What the look-alike serves in tests: filings made here, and recorded pages of the real feed."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from service.lookalike.archive import Listing, Party, atom_page
from service.model.calendar import EASTERN
from tests.kit import builders
from tests.kit.builders import value


def a_submission(
    accession: str, *, form: str = "4", cik: str = "0009900001", shares: int = 1000, number: int = 0
) -> bytes:
    """A whole submission: a director bought *shares* at $10, the *number*-th second after nine."""
    held = value(str(shares))
    xml = builders.an_ownership_xml(
        form=form,
        issuer_cik=cik,
        issuer_name=f"EXAMPLE {cik} CORP",
        table_1=[builders.a_purchase(transactionShares=held, sharesOwnedFollowingTransaction=held)],
    )
    return builders.a_submission(xml, accession=accession, form=form, issuer_cik=cik, accepted=_accepted(number))


def listings(count: int, *, issuers: int = 20, broken_every: int = 0) -> list[Listing]:
    """*count* filings one second apart, each listed under its owner and its issuer."""
    made = []
    for number in range(count):
        accession = f"0009990900-25-{number:06d}"
        cik = f"{9900000 + number % issuers:010d}"
        data = a_submission(accession, cik=cik, shares=100 + number, number=number)
        if broken_every and number % broken_every == broken_every - 1:
            data = data.replace(b"</issuer>", b"<issuer>")
        parties = (
            Party(name="DOE JANE", cik="0009800001", role="Reporting"),
            Party(name=f"EXAMPLE {cik} CORP", cik=cik, role="Issuer"),
        )
        made.append(Listing(accession=accession, form="4", parties=parties, data=data, accepted=_accepted(number)))
    return made


def _accepted(number: int) -> datetime:
    return datetime(2025, 3, 3, 9, tzinfo=EASTERN) + timedelta(seconds=number)


class ScriptedArchive:
    """A feed that the test writes: entries are added at will, newest first on the page."""

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, Listing]] = []
        self.missing: set[str] = set()  # accessions whose document answers 404
        self.feed_requests: list[int] = []
        self.submission_requests: list[str] = []
        self.files: dict[str, bytes] = {}  # by path
        self.file_requests: list[str] = []
        self.hidden: set[str] = set()  # accessions that the feed does not show
        self.deepest = 10**6

    def add(self, *added: Listing, at: datetime | None = None) -> None:
        """List *added* now, or at *at*."""
        self._entries += [(at or datetime.now(UTC), listing) for listing in added]

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as of now."""
        self.feed_requests.append(start)
        if start >= self.deepest:
            return None
        rows = [
            (at, listing, party)
            for at, listing in reversed(self._entries)
            if listing.form.startswith(prefix) and listing.accession not in self.hidden
            for party in listing.parties
        ]
        return atom_page(rows[start : start + count], datetime.now(UTC))

    def file(self, path: str) -> bytes | None:
        """What the test has put there."""
        self.file_requests.append(path)
        return self.files.get(path)

    def submission(self, accession: str) -> bytes | None:
        """The submission, unless it is missing."""
        self.submission_requests.append(accession)
        if accession in self.missing:
            return None
        return next((listing.data for _, listing in self._entries if listing.accession == accession), None)


class RecordedArchive:
    """Recorded pages of the real feed, with a made-up document behind each accession."""

    def __init__(self, folder: Path) -> None:
        self._pages = {int(re.sub(r"\D", "", path.stem)): path.read_bytes() for path in folder.glob("start*.atom")}
        self.submissions = 0

    def feed(self, prefix: str, start: int, count: int) -> bytes | None:
        """The page as recorded; behind the last one the feed ends."""
        return self._pages.get(start) or atom_page([], datetime.now(UTC))

    def file(self, path: str) -> bytes | None:
        """No index."""
        return None

    def submission(self, accession: str) -> bytes | None:
        """A document for whatever is asked."""
        self.submissions += 1
        return a_submission(accession)

    def accessions(self, forms: Iterable[str] = ("4", "4/A")) -> set[str]:
        """What stands on the pages, found without the project's own reader."""
        wanted = set(forms)
        found = set()
        for page in self._pages.values():
            for entry in re.findall(r"<entry>.*?</entry>", page.decode("latin-1"), re.DOTALL):
                term = re.search(r'term="([^"]*)"', entry)
                number = re.search(r"accession-number=([\d-]+)", entry)
                if term and number and term[1] in wanted:
                    found.add(number[1])
        return found
