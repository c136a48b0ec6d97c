"""A filing whose document the log has forgotten, as far as the history keeps what it said."""

from consumers.parser.symbols import normalised
from service.model.filing import Accession, Filing, Links, Times
from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    Issuer,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipDocument,
)
from service.model.parsed import ParsedFiling
from service.model.past import Brought, Past
from service.store import Database, history


async def recalled(database: Database, accession: Accession) -> ParsedFiling | None:
    """The filing with its rows, as filed, and the boxes above them; None: it is not among what is kept of the past.

    Gone are the texts of its footnotes, the remarks, addresses and signatures.
    """
    past = await history.find(database, accession)
    return None if past is None else ParsedFiling(filing=_filing(past), document=_document(past))


def _filing(past: Past) -> Filing:
    folder = past.accession.replace("-", "")
    at = f"https://www.sec.gov/Archives/edgar/data/{int(past.issuer)}/{folder}/{past.accession}"
    return Filing(
        accession=past.accession,
        form=past.form,
        issuer_cik=past.issuer,
        issuer_name=past.company,
        filed_on=past.filed,
        links=Links(index=f"{at}-index.htm", submission=f"{at}.txt"),
        times=Times(accepted=past.known if past.source is Brought.FEED else None),
    )


def _document(past: Past) -> OwnershipDocument:
    symbols = normalised(past.symbol or "")
    return OwnershipDocument(
        document_type=past.form,
        issuer=Issuer(
            issuer_cik=past.issuer, issuer_name=past.company, issuer_trading_symbol=past.symbol, symbols=symbols
        ),
        reporting_owners=past.owners,
        period_of_report=past.period,
        date_of_original_submission=past.amends,
        not_subject_to_section16=past.left,
        aff10b5_one=past.plan,
        non_derivative_table=tuple(
            row for row in past.rows if isinstance(row, NonDerivativeTransaction | NonDerivativeHolding)
        ),
        derivative_table=tuple(row for row in past.rows if isinstance(row, DerivativeTransaction | DerivativeHolding)),
    )
