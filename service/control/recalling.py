"""Filings of the past: as they were parsed where they are kept whole, else as near to that as what is kept comes."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec.structs import replace

from consumers.parser.flags import flags_of
from consumers.parser.symbols import normalised
from service.control import documents
from service.model.filing import Accession, Cik, Filing, Links, Times
from service.model.ownership import (
    DerivativeHolding,
    DerivativeTransaction,
    FootnoteId,
    Issuer,
    NonDerivativeHolding,
    NonDerivativeTransaction,
    OwnershipDocument,
)
from service.model.parsed import ParsedFiling
from service.model.past import Brought, Past
from service.model.recalled import Recalled
from service.store import Database, history, kept
from service.store.history import key_of
from service.wire import decode

_REMARKS = 0  # their number among the notes
_symbols = lru_cache(10_000)(normalised)  # companies file again and again


async def at_hand(database: Database, accession: Accession) -> tuple[ParsedFiling, bool]:
    """The filing as far as it is here, and whether that is its whole document.

    Raises NotFound, which says why it is not here.
    """
    whole = await documents.find(database, accession)
    if whole is not None:
        return whole, True
    found = await recall(database, accession)
    if found is None:
        raise await documents.absent(database, accession)
    return found, False


async def recall(database: Database, accession: Accession) -> ParsedFiling | None:
    """The filing with its rows, as filed, and the boxes above them; None: it is not among what is kept of the past.

    Gone are addresses and signatures; of one that an earlier version has kept, its footnotes and remarks too.
    """
    past = await history.find(database, accession)
    if past is None:
        return None
    notes = await kept.notes(database, [key_of(accession)])
    return _made(past, notes.get(key_of(accession), {}))


async def several(database: Database, keys: Sequence[int]) -> dict[int, ParsedFiling]:
    """The filings *keys*, as `history.key_of` has them: exactly as they were parsed, or as `recall` gives them."""
    found = {key: decode(value, ParsedFiling) for key, value in (await kept.several(database, keys)).items()}
    left = [key for key in keys if key not in found]
    if left:
        notes = await kept.notes(database, left)
        for past in await history.whole(database, left):
            key = key_of(past.accession)
            found[key] = _made(past, notes.get(key, {}))
    return found


async def with_past(database: Database, keys: Sequence[int]) -> list[Recalled]:
    """The same, each beside what is kept of it row by row; the latest first."""
    kept_whole = await kept.several(database, keys)
    notes = await kept.notes(database, [key for key in keys if key not in kept_whole])
    found = []
    for past in await history.whole(database, keys):
        key = key_of(past.accession)
        value = kept_whole.get(key)
        parsed = _made(past, notes.get(key, {})) if value is None else decode(value, ParsedFiling)
        found.append(Recalled(past=past, parsed=parsed))
    return found


def _made(past: Past, notes: Mapping[int, str]) -> ParsedFiling:
    document = _document(past, notes)
    return ParsedFiling(filing=_filing(past), document=replace(document, flags=tuple(flags_of(document))))


def links_of(issuer: Cik, accession: Accession) -> Links:
    """Where EDGAR has a filing."""
    at = f"https://www.sec.gov/Archives/edgar/data/{int(issuer)}/{accession.replace('-', '')}/{accession}"
    return Links(index=f"{at}-index.htm", submission=f"{at}.txt")


def _filing(past: Past) -> Filing:
    return Filing(
        accession=past.accession,
        form=past.form,
        issuer_cik=past.issuer,
        issuer_name=past.company,
        filed_on=past.filed,
        links=links_of(past.issuer, past.accession),
        times=Times(accepted=past.known if past.source is Brought.FEED else None),
    )


def _document(past: Past, notes: Mapping[int, str]) -> OwnershipDocument:
    symbols = _symbols(past.symbol or "")
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
        footnotes={FootnoteId(f"F{number}"): text for number, text in notes.items() if number != _REMARKS},
        remarks=notes.get(_REMARKS),
    )
