"""The past as CSV and Parquet: every row as it was filed, typed and to the last digit, in a file that is whole."""

import csv
import io
import sys
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from msgspec.structs import replace

from service.control import history as control
from service.history.as_csv import CsvWriter
from service.history.as_parquet import ParquetWriter
from service.history.columns import COLUMNS
from service.history.exporting import Exported, export, written
from service.history.importing import Importer
from service.history.sets import Set
from service.model.errors import ConfigError
from service.model.filing import Times
from service.model.ownership import FootnoteId
from service.model.past import Past
from service.store import Database, history_walk
from tests.kit import datasets
from tests.kit.documents import NOW, a_document, a_row, an_option
from tests.kit.quarters import a_quarter
from tests.store.test_history import a_parsed, accession, keep

_ISSUER = a_document().issuer.issuer_cik


def a_filing(number: int, *rows: Any, days: int = 0, **issuer: str) -> Any:
    document = a_document(*rows)
    document = replace(document, issuer=replace(document.issuer, **issuer))
    return a_parsed(number, document, times=Times(accepted=NOW - timedelta(days=days)))


async def as_csv(database: Database, **asked: Any) -> list[dict[str, str]]:
    file = io.BytesIO()
    await export(pieces(database, **asked), CsvWriter(file), lambda _: None)
    return list(csv.DictReader(io.StringIO(file.getvalue().decode(), newline="")))


def pieces(
    database: Database, name: control.Whose | None = None, since: date | None = None, until: date | None = None
) -> AsyncIterator[list[Past]]:
    return control.between(database, name, since, until)


async def as_parquet(database: Database) -> tuple[Exported, list[dict[str, Any]], pyarrow.Schema]:
    file = io.BytesIO()
    done = await export(pieces(database), ParquetWriter(file), lambda _: None)
    table = pyarrow.parquet.read_table(io.BytesIO(file.getvalue()), schema=None)
    return done, table.to_pylist(maps_as_pydicts="strict"), table.schema


async def test_both_say_of_a_set_what_the_past_says(
    either: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Line by line, in the order in which it became known, in whatever pieces it is read."""
    monkeypatch.setattr(history_walk, "_AT_ONCE", 7)
    made = a_quarter(60)
    await Importer(either, lambda: NOW, lambda _: None).bring(Set(made.zipped(tmp_path / "a.zip")))
    plain = await as_csv(either)
    done, typed, _ = await as_parquet(either)
    past = [one async for piece in pieces(either) for one in piece]

    assert 60 == done.filings == len({line["accession"] for line in plain})
    assert done.lines == len(plain) == len(typed) == sum(max(1, len(one.rows)) for one in past)
    assert sorted((one.known, one.accession[11:13]) for one in past) == [
        (one.known, one.accession[11:13]) for one in past
    ]
    shares = [getattr(row, "transaction_shares", None) for one in past for row in one.rows or (None,)]
    assert shares == [line["transaction_shares"] for line in typed]
    assert ["" if number is None else f"{number:f}" for number in shares] == [
        line["transaction_shares"] for line in plain
    ]


async def test_numbers_days_and_footnotes_keep_their_types_in_parquet(database: Database) -> None:
    """Prices of four places and counts of twelve digits are decimals, and days are days."""
    row = replace(
        a_row(shares="123456789012.1234", price="0.0006"),
        footnotes={"transaction_price_per_share": (FootnoteId("F1"), FootnoteId("F12"))},
    )
    await keep(database, a_filing(1, row))
    _, (line,), schema = await as_parquet(database)

    assert (Decimal("123456789012.1234"), Decimal("0.0006")) == (
        line["transaction_shares"],
        line["transaction_price_per_share"],
    )
    assert row.transaction_date == line["transaction_date"]
    assert NOW == line["known_at"]
    assert {"transaction_price_per_share": ["F1", "F12"]} == line["footnotes"]
    assert ("edgar", [_ISSUER]) == (line["source"], [line["issuer_cik"]])
    assert pyarrow.types.is_decimal(schema.field("transaction_shares").type)
    assert pyarrow.types.is_date32(schema.field("transaction_date").type)
    assert [column.name for column in COLUMNS] == schema.names


async def test_a_number_that_parquet_cannot_hold_is_empty_and_told(database: Database) -> None:
    """Nothing is rounded; CSV has it."""
    await keep(database, a_filing(1, a_row(price="0.12345678901")), a_filing(2, a_row(price="0.1234567890")))
    done, typed, _ = await as_parquet(database)
    plain = await as_csv(database)

    assert (accession(1),) == done.inexact
    assert [None, Decimal("0.123456789")] == [line["transaction_price_per_share"] for line in typed]
    assert ["0.12345678901", "0.1234567890"] == [line["transaction_price_per_share"] for line in plain]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "\tx"])
async def test_what_filers_wrote_is_no_formula_in_a_spreadsheet(database: Database, name: str) -> None:
    """An apostrophe makes it text; numbers stay numbers."""
    await keep(database, a_filing(1, a_row(), issuer_name=name))
    (line,) = await as_csv(database)

    assert f"'{name}" == line["issuer_name"]
    assert "1000" == line["transaction_shares"]


async def test_a_company_and_days_are_exported_alone(either: Database) -> None:
    """By when it became known, in New York; the last day is whole."""
    filings = [a_filing(number, a_row(), an_option(), days=number) for number in range(4)]
    await keep(either, *filings, a_filing(9, a_row(), days=1, issuer_cik="0009900777"))
    days = [(NOW - timedelta(days=number)).date() for number in range(4)]
    one = await control.whose(either, _ISSUER)
    found = await as_csv(either, name=one, since=days[2], until=days[1])

    assert [accession(2), accession(2), accession(1), accession(1)] == [line["accession"] for line in found]
    assert {"I", "II"} == {line["table"] for line in found}


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    """Whatever ends the export: nothing is left of it."""
    path = tmp_path / "past.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), written(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    kept = path.read_text()
    with written(path) as file:
        file.write(b"whole")
        during = path.read_text()

    assert ("before", "before", "whole") == (kept, during, path.read_text())
    assert [path] == list(tmp_path.iterdir())
    with pytest.raises(ConfigError, match="cannot be written: No such file"), written(tmp_path / "no" / "past.csv"):
        pass


def test_without_pyarrow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    from service.history import as_parquet as module

    module._arrow.cache_clear()
    with pytest.raises(ConfigError, match=r"make parquet, or pip install 'filingbell\[parquet\]'"):
        ParquetWriter(io.BytesIO())
    module._arrow.cache_clear()


async def test_csv_times_are_utc(database: Database) -> None:
    """ISO 8601, to the second."""
    await keep(database, a_parsed(1, times=Times(accepted=datetime(2025, 3, 5, 21, 30, tzinfo=UTC))))
    (line,) = await as_csv(database)

    assert "2025-03-05T21:30:00Z" == line["known_at"]


@pytest.mark.long
async def test_half_of_a_real_quarter_is_exported_to_the_last_digit(database: Database, tmp_path: Path) -> None:
    """Every transaction in derivatives that the SEC's own table has, with its numbers."""
    folder = a_quarter(0).unpacked(tmp_path / "2024q3")
    for file in folder.iterdir():
        real = datasets.datasets() / "2024q3_half" / file.name
        if real.exists():
            file.unlink()
            file.symlink_to(real)
    await Importer(database, lambda: NOW, lambda _: None).bring(Set(folder))
    done, lines, _ = await as_parquet(database)
    found = [line for line in lines if (line["table"], line["row"]) == ("II", "transaction")]
    boxes = {
        "TRANS_SHARES": "transaction_shares",
        "CONV_EXERCISE_PRICE": "conversion_or_exercise_price",
        "UNDLYNG_SEC_SHARES": "underlying_security_shares",
    }
    expected = Counter(
        (row["ACCESSION_NUMBER"], *(Decimal(row[name]) if row[name] else None for name in boxes))
        for row in datasets.rows("DERIV_TRANS")
    )

    assert () == done.inexact
    assert expected == Counter((line["accession"], *(line[name] for name in boxes.values())) for line in found)
