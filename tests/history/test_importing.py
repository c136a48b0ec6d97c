"""The SEC's quarterly data sets: brought once, row by row, whatever interrupts it, and again as a difference."""

import zipfile
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from service.control.recalling import recall, several
from service.history import importing, lines, reading
from service.history.cells import Cells
from service.history.importing import Importer, ImportOutcome
from service.history.sets import ROWS, Set, sets_in
from service.model import calendar
from service.model.errors import ConfigError
from service.model.filing import Accession, Cik
from service.model.ownership import DerivativeTransaction, NonDerivativeTransaction, OwnershipForm, TransactionCode
from service.model.past import Brought
from service.model.trait import traits_of
from service.store import Database, history, schema
from tests.kit import datasets
from tests.kit.documents import NOW
from tests.kit.quarters import Quarter, a_quarter
from tests.kit.rows import all_of
from tests.store.test_history import a_parsed, keep

_TABLES = (schema.history_filings, schema.history_owners, schema.history_rows, schema.history_notes)


_REAL = ("DERIV_TRANS", "DERIV_HOLDING", "NONDERIV_HOLDING")  # the tables of rows that are there


class Killed(BaseException):
    """The process was."""


async def bring(database: Database, path: Path, tell: Callable[[int], None] = lambda _: None) -> ImportOutcome:
    return await Importer(database, lambda: NOW, tell).bring(Set(path))


async def whole(database: Database) -> list[list[tuple[object, ...]]]:
    """All that was brought, but for which call has brought it."""
    found = []
    for table in _TABLES:
        columns = [column for column in table.c if column.name != "brought"]
        found.append(sorted(await all_of(database, *columns), key=repr))
    return found


@pytest.fixture(scope="module")
def quarter() -> Quarter:
    """Three hundred filings."""
    return a_quarter(300)


async def test_every_row_of_a_set_is_brought(either: Database, tmp_path: Path, quarter: Quarter) -> None:
    """From a zip, with what each filing says in all of its tables."""
    outcome = await bring(either, quarter.zipped(tmp_path / "2024q3_form345.zip"))
    tables = quarter.tables
    counts = Counter(row["ACCESSION_NUMBER"] for name in ROWS for row in tables[name])

    assert ("2024q3", 300, sum(counts.values()), 0, 0) == (
        outcome.name,
        outcome.filings,
        outcome.rows,
        outcome.unreadable,
        outcome.odd,
    )
    for filed in tables["SUBMISSION"][:50]:
        past = await history.find(either, Accession(filed["ACCESSION_NUMBER"]))
        assert past is not None
        assert (filed["DOCUMENT_TYPE"], Cik(filed["ISSUERCIK"]), Brought.SET) == (past.form, past.issuer, past.source)
        assert len(past.rows) == counts[past.accession]
        owners = {row["RPTOWNERCIK"] for row in tables["REPORTINGOWNER"] if row["ACCESSION_NUMBER"] == past.accession}
        assert owners == {owner.rpt_owner_cik for owner in past.owners}
        parsed = await recall(either, past.accession)
        assert parsed is not None
        notes = [row for row in tables["FOOTNOTES"] if row["ACCESSION_NUMBER"] == past.accession]
        assert {row["FOOTNOTE_ID"]: row["FOOTNOTE_TXT"].strip() for row in notes} == parsed.document.footnotes
        assert (filed["REMARKS"] or None) == parsed.document.remarks


async def test_a_set_says_what_stands_in_each_of_its_filings(
    either: Database, tmp_path: Path, quarter: Quarter
) -> None:
    """As the form itself would: by that, filings are found that a rule can be met by."""
    await bring(either, quarter.zipped(tmp_path / "2024q3_form345.zip"))
    kept = dict(await all_of(either, schema.history_filings.c.filing, schema.history_filings.c.traits))
    read = await several(either, list(kept))

    assert kept == {key: traits_of(one.document) for key, one in read.items()}
    assert 10 < len(set(kept.values()))
    symbols = {(int(row["ISSUERCIK"]), row["ISSUERTRADINGSYMBOL"]) for row in quarter.tables["SUBMISSION"]}
    assert symbols == set(await all_of(either, schema.history_symbols.c.issuer, schema.history_symbols.c.symbol))


def a_set(**cells: str) -> Quarter:
    """A filing with one row in Table II, of which *cells* are as they are given."""
    made = a_quarter(1)
    (filed,) = made.tables["SUBMISSION"]
    row = {"ACCESSION_NUMBER": filed["ACCESSION_NUMBER"], "DERIV_TRANS_SK": "7", **cells}
    empty = {name: [] for name in ROWS}
    return Quarter(tables=made.tables | empty | {"DERIV_TRANS": [row]})


async def test_cells_are_read_as_the_form_s_boxes(database: Database, tmp_path: Path) -> None:
    """To the last digit that the set has, with the footnotes each box cites; what cannot be read is empty."""
    made = a_set(
        SECURITY_TITLE='Option "A"\t(right to buy)',
        CONV_EXERCISE_PRICE="0.0",
        CONV_EXERCISE_PRICE_FN="F1, F12",
        TRANS_DATE="31-JUL-2024",
        TRANS_CODE="M",
        TRANS_SHARES="1.0E7",
        TRANS_PRICEPERSHARE="12.50",
        TRANS_ACQUIRED_DISP_CD="x",
        EXCERCISE_DATE="08-AUG-1988",
        EXCERCISE_DATE_FN="junk",
        EXPIRATION_DATE="32-JUL-2034",
        EQUITY_SWAP_INVOLVED="false",
        DIRECT_INDIRECT_OWNERSHIP="I",
    )
    outcome = await bring(database, made.zipped(tmp_path / "a.zip"))
    past = await history.find(database, Accession(made.tables["SUBMISSION"][0]["ACCESSION_NUMBER"]))

    assert past is not None
    assert 2 == outcome.odd
    assert (
        DerivativeTransaction(
            security_title='Option "A"\t(right to buy)',
            conversion_or_exercise_price=Decimal(0),
            transaction_date=date(2024, 7, 31),
            transaction_code=TransactionCode.EXERCISE,
            equity_swap_involved=False,
            transaction_shares=Decimal(10_000_000),
            transaction_price_per_share=Decimal("12.5"),
            exercise_date=date(1988, 8, 8),
            direct_or_indirect_ownership=OwnershipForm.INDIRECT,
            footnotes={"conversion_or_exercise_price": ("F1", "F12")},
        ),
    ) == past.rows


async def test_nobody_could_know_a_filing_before_edgar_closed(
    database: Database, tmp_path: Path, quarter: Quarter
) -> None:
    """A set has no times: a filing counts from the end of its day on."""
    await bring(database, quarter.zipped(tmp_path / "a.zip"))
    for (filed,) in {(row["FILING_DATE"],) for row in quarter.tables["SUBMISSION"][:9]}:
        day = datetime.strptime(filed, "%d-%b-%Y").date()  # noqa: DTZ007
        accession = next(row for row in quarter.tables["SUBMISSION"] if row["FILING_DATE"] == filed)["ACCESSION_NUMBER"]
        past = await history.find(database, Accession(accession))
        assert past is not None
        assert (22, day) == (past.known.astimezone(calendar.EASTERN).hour, calendar.eastern_day(past.known))


@pytest.mark.parametrize("at", [1, 3, 4, 6, 9])
async def test_killed_and_called_again_it_brings_the_same(
    database: Database, tmp_path: Path, quarter: Quarter, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Wherever it was; and a third call reads nothing."""
    monkeypatch.setattr(importing, "_FILINGS", 30)
    monkeypatch.setattr(importing, "_ROWS", 20)
    path = quarter.zipped(tmp_path / "a.zip")
    told: list[int] = []

    def tell(read: int) -> None:
        told.append(read)
        if len(told) == at:
            raise Killed

    with pytest.raises(Killed):
        await bring(database, path, tell)
    resumed = await bring(database, path)
    again = await bring(database, path)
    found = await whole(database)
    monkeypatch.undo()
    for table in (*reversed(_TABLES), schema.history_sets):
        async with database.transaction() as tx:
            await tx.execute(table.delete())
    whole_at_once = await bring(database, path)

    assert found == await whole(database)
    assert (whole_at_once.filings, whole_at_once.rows) == (resumed.filings, resumed.rows)
    assert (again.again, again.filings) == (True, 300)


async def test_a_large_set_is_read_in_several_runs(
    database: Database, tmp_path: Path, quarter: Quarter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that its size does not count in memory; cells in quotes may go over several lines, and quote quotes."""
    made = deepcopy(quarter)
    title = 'Units,\n"Series A"\r\n\tof 2024'
    made.tables["NONDERIV_TRANS"][0]["SECURITY_TITLE"] = title
    path = made.zipped(tmp_path / "a.zip")
    monkeypatch.setattr(reading, "_HELD", Set(path).size // 4)
    monkeypatch.setattr(lines, "_BATCH", 1)  # so that the cell goes on in the next ones
    outcome = await bring(database, path)
    past = await history.find(database, Accession(made.tables["NONDERIV_TRANS"][0]["ACCESSION_NUMBER"]))

    assert (300, sum(len(made.tables[name]) for name in ROWS)) == (outcome.filings, outcome.rows)
    assert past is not None
    assert title in {row.security_title for row in past.rows}


async def test_a_quarter_that_is_issued_again_is_a_difference(
    either: Database, tmp_path: Path, quarter: Quarter
) -> None:
    """What it says differently stands as the later issue has it, whatever its rows are numbered; the rest stays."""
    await bring(either, quarter.zipped(tmp_path / "2024q3_form345.zip"))
    later = deepcopy(quarter)
    rows, filed = later.tables["NONDERIV_TRANS"], later.tables["SUBMISSION"]
    for number, row in enumerate(rows):
        row["NONDERIV_TRANS_SK"] = str(number + 5_000_000)
    rows[0]["TRANS_SHARES"] = "4242.0"
    withdrawn = filed.pop()["ACCESSION_NUMBER"]
    filed.append(a_quarter(1, seed=9).tables["SUBMISSION"][0])
    changed = {rows[0]["ACCESSION_NUMBER"]} - {withdrawn}
    outcome = await bring(either, later.zipped(tmp_path / "2024q3_later.zip"))
    past = await history.find(either, Accession(rows[0]["ACCESSION_NUMBER"]))

    assert (len(changed), 299 - len(changed), 1) == (outcome.changed, outcome.same, outcome.gone)
    assert len(changed) + 1 == outcome.filings
    assert past is not None
    shares = [row.transaction_shares for row in past.rows if isinstance(row, NonDerivativeTransaction)]
    assert Decimal(4242) in shares
    assert await history.find(either, Accession(withdrawn)) is not None


async def test_what_edgar_served_is_left_as_it_is(database: Database, tmp_path: Path, quarter: Quarter) -> None:
    """The set rounds; and says how many it has left out."""
    accession = Accession(quarter.tables["SUBMISSION"][0]["ACCESSION_NUMBER"])
    parsed = a_parsed()
    await keep(database, replace(parsed, filing=replace(parsed.filing, accession=accession)))
    outcome = await bring(database, quarter.zipped(tmp_path / "a.zip"))
    past = await history.find(database, accession)

    assert (1, 299) == (outcome.better, outcome.filings)
    assert past is not None
    assert (Brought.FEED, parsed.document.non_derivative_table) == (past.source, past.rows)


async def test_a_later_issue_leaves_what_edgar_served_since(either: Database, tmp_path: Path, quarter: Quarter) -> None:
    """A filing that the set brought first, and the feed then: whatever the quarter says when it is issued again."""
    await bring(either, quarter.zipped(tmp_path / "2024q3_form345.zip"))
    traded = quarter.tables["NONDERIV_TRANS"][0]["ACCESSION_NUMBER"]
    parsed = a_parsed()
    await keep(either, replace(parsed, filing=replace(parsed.filing, accession=Accession(traded))))
    served, every = await history.find(either, Accession(traded)), await whole(either)
    later = deepcopy(quarter)
    for row in later.tables["NONDERIV_TRANS"]:
        row["TRANS_SHARES"] = "4242.0" if row["ACCESSION_NUMBER"] == traded else row["TRANS_SHARES"]
    outcome = await bring(either, later.zipped(tmp_path / "2024q3_later.zip"))

    assert (1, 0, 299) == (outcome.better, outcome.changed, outcome.same)
    assert served == await history.find(either, Accession(traded))
    assert every == await whole(either)


async def test_rows_that_cannot_be_read_are_counted_and_the_others_come(either: Database, tmp_path: Path) -> None:
    """No accession number, no day, no company, or more cells than there are columns."""
    made = a_quarter(20)
    filed = made.tables["SUBMISSION"]
    filed[0]["ACCESSION_NUMBER"] = "junk"
    filed[1]["FILING_DATE"] = "31-FEB-2024"
    filed[2]["ISSUERCIK"] = "9" * 30
    filed[3]["REMARKS"] = "\0"
    filed[4]["FILING_DATE"], filed[5]["FILING_DATE"] = "31-DEC-9999", "01-JAN-0001"  # after which nothing could be read
    filed[3]["ISSUERNAME"] = "A\0B"
    folder = made.unpacked(tmp_path / "a")
    with (folder / "SUBMISSION.tsv").open("a") as file:
        file.write("\n0009990900-24-999999\t31-JUL-2024\n" + "x\t" * 40 + "\n")
    outcome = await bring(either, folder)
    past = await history.find(either, Accession(filed[3]["ACCESSION_NUMBER"]))

    assert (15, 7) == (outcome.filings, outcome.unreadable)
    assert past is not None
    assert "AB" == past.company


@pytest.mark.parametrize(
    ("signature", "place", "said"),
    [(b"PK\3\4", 6, "is encrypted"), (b"PK\3\4", 8, "not supported")],
    ids=["encrypted", "packed-otherwise"],
)
async def test_a_zip_that_cannot_be_unpacked_says_so(
    database: Database, tmp_path: Path, signature: bytes, place: int, said: str
) -> None:
    """As somebody's mail server or another program has made it."""
    path = tmp_path / "2024q3.zip"
    a_quarter(3).zipped(path)
    data = bytearray(path.read_bytes())
    for mark, at in ((signature, place), (b"PK\1\2", place + 2)):
        start = 0
        while (start := data.find(mark, start)) >= 0:
            data[start + at] = 1 if place == 6 else 99
            start += 4
    path.write_bytes(data)

    with pytest.raises(ConfigError, match=said):
        await bring(database, path)


def test_a_table_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """A line of gigabytes packs to nothing; the SEC's tables do not."""
    path = tmp_path / "2024q3.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("SUBMISSION.tsv", "w") as member:
        for _ in range(65):
            member.write(b"A" * 1024 * 1024)

    with pytest.raises(ConfigError, match="no table of the SEC is like that"):
        sets_in([path])


async def test_a_folder_is_as_good_as_a_zip(database: Database, tmp_path: Path, quarter: Quarter) -> None:
    """Folders of zips too; what is no data set is refused, and said why."""
    folder = quarter.unpacked(tmp_path / "2024q3")
    zips = tmp_path / "zips"
    zips.mkdir()
    quarter.zipped(zips / "2024q3_form345.zip")
    outcome = await bring(database, folder)
    (one,) = sets_in([zips])
    (folder / "SUBMISSION.tsv").unlink()

    assert 300 == outcome.filings
    assert one.name == outcome.name == "2024q3"
    for path, said in ((folder, "neither zips nor"), (tmp_path / "zips" / "nothing.zip", "there is no file or folder")):
        with pytest.raises(ConfigError, match=said):
            sets_in([path])


async def test_half_of_a_real_quarter_is_brought(database: Database, tmp_path: Path) -> None:
    """The SEC's own tables, as issued; those that are not here are empty."""
    folder = tmp_path / "2024q3"
    folder.mkdir()
    made = a_quarter(0).unpacked(tmp_path / "empty")
    for file in made.iterdir():
        real = datasets.datasets() / "2024q3_half" / file.name
        (folder / file.name).symlink_to(real if real.exists() else file)
    outcome = await bring(database, folder)
    filed = {row["ACCESSION_NUMBER"]: row for row in datasets.rows("SUBMISSION")}
    rows = [row["ACCESSION_NUMBER"] for name in _REAL for row in datasets.rows(name)]
    accession, count = Counter(rows).most_common(1)[0]
    past = await history.find(database, Accession(accession))

    assert (len(filed), len(rows), 0) == (outcome.filings, outcome.rows, outcome.unreadable)
    assert past is not None
    assert (filed[accession]["ISSUERNAME"], count) == (past.company, len(past.rows))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0.0", "0"),
        ("100.0", "100"),
        ("12.50", "12.5"),
        ("1.0E7", "10000000"),
        ("-3.25", "-3.25"),
        ("x", None),
        ("1E99", None),
    ],
)
def test_a_number_is_its_digits(cell: str, number: str | None) -> None:
    """Without noughts that say nothing."""
    assert [number] == list(Cells().number.all([cell]))
