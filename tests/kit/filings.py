"""Filings as events, made here."""

from datetime import UTC, datetime

from service.model.filing import Accession, Cik, Filing, FilingEvent, Links, Original, Times
from service.store import Transaction
from service.wire.topics import Event, filing_event
from tests.kit.archives import a_submission


def now() -> datetime:
    return datetime.now(UTC)


async def alone(_tx: Transaction) -> None:
    """There is nobody else who could lead."""


def a_filing_event(number: int, document: bytes | None = None, cik: str = "0009900001") -> Event:
    """The event of a filing, with *document* or a whole submission as what was filed."""
    accession = Accession(f"0009990900-25-{number:06d}")
    filing = Filing(
        accession=accession,
        form="4",
        issuer_cik=Cik(cik),
        issuer_name="EXAMPLE CORP",
        filed_on=None,
        links=Links(index="", submission=""),
        times=Times(),
    )
    data = a_submission(accession, cik=cik) if document is None else document
    return filing_event(FilingEvent(filing=filing, document=Original.of(data)), now())
