"""The bundled morning: made up, varied, and all usable but for the one that is broken on purpose."""

from consumers.parser.document import parse
from service.lookalike import archive
from service.model.errors import UnusableDocument
from service.model.ownership import OwnershipDocument, TransactionCode
from tests.kit.places import SAMPLES


def _documents() -> tuple[list[OwnershipDocument], list[str]]:
    usable, broken = [], []
    for listing in archive.load(SAMPLES):
        if listing.form not in ("4", "4/A"):
            continue
        try:
            usable.append(parse(listing.data))
        except UnusableDocument as error:
            broken.append(f"{listing.accession}: {error}")
    return usable, broken


def test_there_are_at_least_forty_usable_filings_and_one_broken_one() -> None:
    """The demo looks like a morning on EDGAR."""
    usable, broken = _documents()

    assert len(usable) >= 40
    assert len(broken) == 1


def test_every_transaction_code_occurs() -> None:
    """Nothing the form can report is missing from the demo; a swap is a box, and K no code that EDGAR accepts."""
    rows = [
        row
        for document in _documents()[0]
        for row in (*document.non_derivative_table, *document.derivative_table)
        if hasattr(row, "transaction_code")
    ]

    assert set(TransactionCode) - {TransactionCode.EQUITY_SWAP} == {row.transaction_code for row in rows}
    assert any(row.equity_swap_involved for row in rows)


def test_amendments_several_owners_and_every_form_version_occur() -> None:
    """Also what trips parsers in real life."""
    documents = _documents()[0]

    assert {"X0202", "X0306", "X0407", "X0508", "X0609"} == {document.schema_version for document in documents}
    assert sum(document.is_amendment for document in documents) >= 3
    assert 10 == max(len(document.reporting_owners) for document in documents)
    assert {True, False, None} == {document.aff10b5_one for document in documents}


def test_every_file_says_that_it_is_made_up() -> None:
    """No reader should take one for a real filing."""
    for path in SAMPLES.glob("*.txt"):
        text = path.read_text(encoding="utf-8").replace("\n", "")
        assert "Made up for filingbell" in text or "those here are made up" in text, path.name


def test_the_table_of_samples_lists_them_all() -> None:
    """samples/README.md says what each shows."""
    table = (SAMPLES / "README.md").read_text(encoding="utf-8")

    for path in SAMPLES.glob("*.txt"):
        assert f"`{path.stem}`" in table
