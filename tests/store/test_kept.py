"""Filings of the past are kept whole, so that whatever can be asked of a filing can be asked of them."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import LargeBinary, select, type_coerce

from consumers.parser import parse
from service.control import documents
from service.control.recalling import several
from service.model.errors import UnusableDocument
from service.model.filing import Accession, Times
from service.model.ownership import TransactionCode
from service.model.parsed import ParsedFiling
from service.model.trait import TRAIT_OF_CODE, traits_of
from service.store import Database, history, schema
from service.store.history import key_of
from service.store.schema import events, history_documents
from service.wire import encode
from service.wire.topics import parsed_event
from tests.kit.corpus import DOCUMENTS, corpus
from tests.kit.documents import NOW, a_document, a_filing, a_row
from tests.kit.filings import now
from tests.kit.rows import all_of
from tests.kit.tidying import publish, read_to, tidied

pytestmark = pytest.mark.usefixtures("no_pauses")


def accession(number: int) -> Accession:
    return Accession(f"0009990900-25-{number:06d}")


async def matched(database: Database, *parsed: ParsedFiling) -> None:
    """They were published an hour ago, and the matcher has read them."""
    await publish(database, *(parsed_event(one, now() - timedelta(hours=1)) for one in parsed))
    async with database.transaction() as tx:
        await history.add(tx, parsed, NOW)
    await read_to(database, "matcher", 10**6)


async def packed(database: Database, column: object) -> list[bytes]:
    """What stands in *column*, in order."""
    async with database.reading() as connection:
        return sorted(await connection.scalars(select(type_coerce(column, LargeBinary))))  # type: ignore[arg-type]


async def test_the_corpus_is_read_back_as_it_was_parsed_whoever_has_it(either: Database) -> None:
    """While the log has the filings, and after it has forgotten them: kept packed, byte for byte as they were."""
    made = []
    for path in sorted(path for folder in DOCUMENTS for path in (corpus() / folder).iterdir()):
        try:
            document = parse(path.read_bytes())
        except UnusableDocument:
            continue
        filing = a_filing(accession=accession(len(made) + 1), form=document.document_type)
        made.append(ParsedFiling(filing=filing, document=document))
    await matched(either, *made)
    keys = [key_of(one.filing.accession) for one in made]
    in_log, before = await several(either, keys), await packed(either, events.c.value)
    await tidied(either)
    in_past, after = await several(either, keys), await packed(either, history_documents.c.value)

    assert len(made) > 30
    assert dict(zip(keys, map(encode, made), strict=True)) == {key: encode(one) for key, one in in_log.items()}
    assert in_log == in_past
    assert before == after
    assert [] == await all_of(either, events.c.id)


async def test_what_the_log_forgets_can_still_be_read(either: Database) -> None:
    """With its footnotes; and what was never kept as the past is not kept now."""
    one, other = (
        ParsedFiling(filing=a_filing(accession=accession(number)), document=a_document(a_row(), remarks="See below."))
        for number in (1, 2)
    )
    await matched(either, one)
    await publish(either, parsed_event(other, now() - timedelta(hours=1)))
    await read_to(either, "matcher", 10**7)
    await tidied(either)

    assert one == await documents.find(either, one.filing.accession)
    assert None is await documents.find(either, other.filing.accession)
    assert [(key_of(one.filing.accession),)] == await all_of(either, history_documents.c.filing)


async def test_whole_filings_go_with_their_rows(database: Database) -> None:
    """When the past itself is forgotten."""
    for number, days in enumerate((100, 1000)):
        times = Times(accepted=now() - timedelta(days=days))
        parsed = ParsedFiling(filing=a_filing(accession=accession(number), times=times), document=a_document(a_row()))
        await matched(database, parsed)
    await tidied(database, past_years=2.0)

    assert [(key_of(accession(0)),)] == await all_of(database, history_documents.c.filing)
    assert [(key_of(accession(0)),)] == await all_of(database, schema.history_filings.c.filing)


def test_traits_tell_what_stands_in_a_filing() -> None:
    """A bit for each code, wherever it stands; stored, so that no code may ever have another's."""
    bought, coded = traits_of(a_document(a_row("P"))), [TRAIT_OF_CODE[code] for code in TransactionCode]
    both = traits_of(a_document(a_row("P"), a_row("S"), document_type="4/A"))

    assert 0 == traits_of(a_document())
    assert (1 << 3, 1 << 3 | 1 << 4 | 1 << 2) == (bought, both)
    assert bought == traits_of(a_document(a_row("P"), a_row("P")))
    assert len(set(coded)) == len(coded) == 20
    assert "PSVADFIMCEHOXGLWZJKU" == "".join(sorted(TransactionCode, key=lambda code: TRAIT_OF_CODE[code]))


async def test_symbols_are_kept_once_a_company(either: Database) -> None:
    """As filed, the one for abroad too."""
    issuer = a_document().issuer
    for number, symbol in enumerate(("ABC", "NYSE: ABC", "ABC", None)):
        abroad = "9999.TW" if number else None
        named = replace(issuer, issuer_trading_symbol=symbol, issuer_foreign_trading_symbol=abroad)
        document = a_document(a_row(), issuer=named)
        await matched(either, ParsedFiling(filing=a_filing(accession=accession(number)), document=document))
    found = await all_of(either, schema.history_symbols.c.symbol, schema.history_symbols.c.issuer)

    assert {(symbol, int(issuer.issuer_cik)) for symbol in ("ABC", "NYSE: ABC", "9999.TW")} == set(found)
    assert 3 == len(found)
