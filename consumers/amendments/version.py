"""A filing as it is compared with its amendment: from its document, or from what is kept of the past."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from consumers.amendments.boxes import is_holding
from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    ReportingOwner,
)
from service.model.parsed import ParsedFiling
from service.model.past import Brought, Past, Row, filed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What was filed, by the names of the form."""

    accession: Accession
    form: str  # "4", "4/A"
    filed: date  # the day that EDGAR gave it
    known: datetime  # from when on everybody could know it
    amends: date | None  # the day that it names
    issuer: Cik
    company: str | None
    symbol: str | None
    period: date | None
    plan: bool | None
    left: bool | None
    owners: tuple[ReportingOwner, ...]
    tables: Mapping[str, tuple[Row, ...]]  # "I" and "II"
    footnotes: Mapping[FootnoteId, str] | None  # None: its texts (and the remarks) are not kept
    remarks: str | None
    rounded: bool = False  # numbers have two decimals, as in the SEC's sets

    @property
    def place(self) -> tuple[datetime, Accession]:
        """Where it stands among others."""
        return self.known, self.accession

    @property
    def whole(self) -> bool:
        """Whether footnotes, remarks and addresses are here, too."""
        return self.footnotes is not None

    @property
    def ciks(self) -> frozenset[Cik]:
        """Who reports."""
        return frozenset(owner.rpt_owner_cik for owner in self.owners)

    @property
    def traded(self) -> list[Row]:
        """The rows that changed hands, of both tables."""
        return [row for rows in self.tables.values() for row in rows if not is_holding(row)]

    @property
    def amendment(self) -> bool:
        """Whether it amends another."""
        return self.form.endswith("/A")

    @classmethod
    def of(cls, parsed: ParsedFiling, known: datetime, *, whole: bool = True) -> Self:
        """The filing with its document, *known* from then on; not *whole*: without the texts that it had."""
        filing, document = parsed.filing, parsed.document
        return cls(
            accession=filing.accession,
            form=document.document_type,
            filed=filing.filed_on or calendar.dated(known),
            known=known,
            amends=document.date_of_original_submission,
            issuer=document.issuer.issuer_cik,
            company=document.issuer.issuer_name,
            symbol=document.issuer.issuer_trading_symbol,
            period=document.period_of_report,
            plan=document.aff10b5_one,
            left=document.not_subject_to_section16,
            owners=document.reporting_owners,
            tables={"I": document.non_derivative_table, "II": document.derivative_table},
            footnotes=document.footnotes if whole else None,
            remarks=document.remarks if whole else None,
        )

    @classmethod
    def of_past(cls, past: Past) -> Self:
        """The filing as the history keeps it."""
        derivative = DerivativeTransaction | DerivativeHolding
        return cls(
            accession=past.accession,
            form=past.form,
            filed=filed_on(past),
            known=past.known,
            amends=past.amends,
            issuer=past.issuer,
            company=past.company,
            symbol=past.symbol,
            period=past.period,
            plan=past.plan,
            left=past.left,
            owners=past.owners,
            tables={
                "I": tuple(row for row in past.rows if not isinstance(row, derivative)),
                "II": tuple(row for row in past.rows if isinstance(row, derivative)),
            },
            footnotes=None,
            remarks=None,
            rounded=past.source is Brought.SET,
        )
