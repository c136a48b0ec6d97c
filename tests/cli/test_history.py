"""``history``: the SEC's quarterly sets brought and shown, as their users call it."""

import csv
import io
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest

from service.model.filing import Accession, Times
from service.model.parsed import ParsedFiling
from service.store import history
from service.store.database import open_database
from tests.kit.command import configured, run
from tests.kit.documents import NOW, a_document, a_filing, a_row
from tests.kit.quarters import Quarter, a_quarter


@pytest.fixture(scope="module")
def quarter() -> Quarter:
    """Fifty filings."""
    return a_quarter(50)


def test_a_set_is_brought_and_shown(tmp_path: Path, quarter: Quarter) -> None:
    """The database is made; a second call reads nothing; a company's filings stand row by row, and an insider's."""
    path = quarter.zipped(tmp_path / "2024q3_form345.zip")
    brought = run(tmp_path, "history", "import", str(path))
    again = run(tmp_path, "history", "import", str(path), "--json")
    filed = quarter.tables["SUBMISSION"][0]
    company = run(tmp_path, "history", "show", filed["ISSUERCIK"].lstrip("0"), "--json")
    owners = {row["ACCESSION_NUMBER"]: row for row in quarter.tables["REPORTINGOWNER"]}
    owner = owners[filed["ACCESSION_NUMBER"]]
    insider = run(tmp_path, "history", "show", owner["RPTOWNERCIK"])

    assert (0, 0, 0, 0) == tuple(one.returncode for one in (brought, again, company, insider))
    assert brought.stdout.startswith("2024q3: 50 filings, ")
    assert (True, 50) == tuple(json.loads(again.stdout)[0][name] for name in ("again", "filings"))
    assert filed["ACCESSION_NUMBER"] in {line["accession"] for line in json.loads(company.stdout)}
    assert owner["RPTOWNERNAME"] in insider.stdout
    assert "rounded to two decimals" in insider.stdout


def test_a_company_is_found_by_a_symbol_that_its_filings_had(tmp_path: Path) -> None:
    """Before the SEC's list was read, and of one that the list has no more; of several the CIK must say which."""
    made = a_quarter(3)
    first, second, third = made.tables["SUBMISSION"]
    first |= {"ISSUERCIK": "0000000007", "ISSUERTRADINGSYMBOL": "NYSE: OLD/A"}
    second |= {"ISSUERCIK": "0000000008", "ISSUERNAME": "One Corp", "ISSUERTRADINGSYMBOL": "TWIN"}
    third |= {"ISSUERCIK": "0000000009", "ISSUERNAME": "Other Corp", "ISSUERTRADINGSYMBOL": "TWIN"}
    run(tmp_path, "history", "import", str(made.zipped(tmp_path / "2024q3.zip")))
    found = run(tmp_path, "history", "show", "old.a", "--json")
    several = run(tmp_path, "history", "show", "TWIN")

    assert [first["ACCESSION_NUMBER"]] == [line["accession"] for line in json.loads(found.stdout)]
    assert 2 == several.returncode
    told = " ".join(several.stderr.split())
    assert "2 companies have the symbol TWIN: give the CIK One Corp (CIK 8) Other Corp (CIK 9)" in told


def test_a_filing_of_a_set_is_explained_by_what_the_set_says(tmp_path: Path) -> None:
    """Though no feed has listed it: that is told, with the set; rules are held against its rows."""
    made = a_quarter(1)
    (filed,) = made.tables["SUBMISSION"]
    bought = {"TRANS_CODE": "P", "TRANS_ACQUIRED_DISP_CD": "A", "TRANS_DATE": filed["FILING_DATE"]}
    row = {"ACCESSION_NUMBER": filed["ACCESSION_NUMBER"], "NONDERIV_TRANS_SK": "7", "SECURITY_TITLE": "Common Stock"}
    path = Quarter(tables=made.tables | {"NONDERIV_TRANS": [row | bought]}).zipped(tmp_path / "2024q3_form345.zip")
    run(configured(tmp_path), "history", "import", str(path))
    done = run(tmp_path, "explain", filed["ACCESSION_NUMBER"])
    sent = run(tmp_path, "why", filed["ACCESSION_NUMBER"])

    assert 0 == done.returncode
    assert "From the SEC's data set of 2024q3: numbers are rounded" in " ".join(done.stdout.split())
    assert "purchase alerts" in done.stdout
    assert 2 == sent.returncode
    assert "came with a quarterly data set" in " ".join(sent.stderr.split())


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (("import", "nothing.zip"), "there is no file or folder nothing.zip"),
        (("show", "NVDA"), "the SEC's list of tickers was not read yet"),
        (("show", "77"), "no filing of the past is known for 77"),
        (("show", "Doe 1000000"), "the nearest are   DOE 1"),
        (("show", "Doe"), "owners fit 'Doe': give the CIK"),
        (("export", "--since", "yesterday"), "write a day such as"),
    ],
)
def test_what_cannot_be_done_says_why(tmp_path: Path, quarter: Quarter, call: tuple[str, ...], said: str) -> None:
    """And what to do."""
    run(tmp_path, "history", "import", str(quarter.zipped(tmp_path / "2024q3.zip")))
    done = run(tmp_path, "history", *call)

    assert 2 == done.returncode
    assert said in done.stderr.replace("\n", " ")


def test_rows_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    """The others are there; the exit status says that not all of them are."""
    made = a_quarter(9)
    made.tables["SUBMISSION"][0]["FILING_DATE"] = ""
    done = run(tmp_path, "history", "import", str(made.zipped(tmp_path / "2024q3.zip")))

    assert 1 == done.returncode
    assert "2024q3: 8 filings" in done.stdout
    assert "1 row could not be read" in done.stdout


async def test_amendments_are_shown_box_by_box(tmp_path: Path) -> None:
    """From either filing; exit status 1 says that there is nothing of the kind."""
    original, amendment, alone = (f"0009990900-25-00000{number}" for number in (1, 2, 3))
    run(tmp_path, "migrate")
    database = await open_database(f"sqlite:///{tmp_path}/state/filingbell.db")
    for accession, days, shares, form in ((original, 0, 1000, "4"), (amendment, 9, 1200, "4/A"), (alone, -9, 7, "4")):
        at = NOW + timedelta(days=days)
        filing = a_filing(accession=Accession(accession), form=form, filed_on=at.date(), times=Times(accepted=at))
        row = a_row(shares=str(shares), shares_owned_following_transaction=Decimal(4000 + shares))
        named = NOW.date() if days > 0 else None
        document = a_document(row, document_type=form, date_of_original_submission=named)
        async with database.transaction() as tx:
            await history.add(tx, [ParsedFiling(filing=filing, document=document)], at)
    await database.close()
    done = [run(tmp_path, "history", "amendments", one) for one in (original, amendment, alone)]
    told = json.loads(run(tmp_path, "history", "amendments", amendment, "--json").stdout)

    assert [0, 0, 1] == [one.returncode for one in done]
    for one in done[:2]:
        assert "Table I row 1, 4. Amount: 1,000 -> 1,200" in one.stdout
    assert f"Amended by form 4/A {amendment} of 2025-03-14" in done[0].stdout
    assert f"{alone} is no amendment" in done[2].stdout
    assert "corrects" == told["amends"]["effect"]


def test_the_past_is_exported_to_a_file_and_into_a_pipe(tmp_path: Path, quarter: Quarter) -> None:
    """The end of a file's name says its kind; a reader that goes away is no failure of ours to tell of."""
    run(tmp_path, "history", "import", str(quarter.zipped(tmp_path / "2024q3.zip")))
    owner = quarter.tables["REPORTINGOWNER"][0]
    written = run(tmp_path, "history", "export", "--out", "past.parquet")
    piped = run(tmp_path, "history", "export", owner["RPTOWNERNAME"].title())
    lines = list(csv.DictReader(io.StringIO(piped.stdout)))

    assert (0, 0) == (written.returncode, piped.returncode)
    assert "past.parquet: 50 filings, " in written.stderr
    assert pyarrow.parquet.read_table(tmp_path / "past.parquet").num_rows > 50
    assert owner["ACCESSION_NUMBER"] in {line["accession"] for line in lines}
    assert all(owner["RPTOWNERNAME"] in line["owner_names"] for line in lines)
