"""Whether one trade is told from equal ones: Table II of half a quarter of the SEC's, filing by filing.

Rows that several filings report alike are taken from the table by their cells alone: grants and other things that a
company does to several people alike, which must stay apart, and the chains of sponsors (something that people do
themselves, held indirectly by one of them, with the same holding after it), which must come together. The tables do not
say who the owners are, so each filing has one of its own here: nothing but the rows tells. They come from the folder
that FORM4_DATASETS names.
"""

import csv
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import combinations
from pathlib import Path

from consumers.matcher.trade import Trades, one_trade
from service.model import calendar
from service.model.filing import Accession, Cik
from service.model.ownership import (
    AcquiredDisposed,
    DerivativeTransaction,
    OwnerRelationship,
    OwnershipForm,
    ReportingOwner,
    TransactionCode,
)
from service.model.past import Brought, Past

_SAME = (
    *("ISSUERCIK", "TRANS_DATE", "TRANS_CODE", "TRANS_ACQUIRED_DISP_CD", "SECURITY_TITLE", "TRANS_SHARES"),
    *("TRANS_PRICEPERSHARE", "CONV_EXERCISE_PRICE", "EXPIRATION_DATE"),
)
_HELD = "SHRS_OWND_FOLWNG_TRANS"
_THEIR_OWN = frozenset("PSCJXU")  # codes of what people do themselves

Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alike:
    """Filings with a row in common, cell by cell."""

    code: str
    indirect: bool  # whether one of them holds it through another
    filings: tuple[Trades, ...]

    @property
    def joined(self) -> bool:
        """Whether all of them tell of one trade."""
        return all(one_trade(self.filings[0], other) for other in self.filings[1:])

    @property
    def apart(self) -> bool:
        """Whether no two of them do."""
        return not any(one_trade(one, other) for one, other in combinations(self.filings, 2))

    @property
    def kind(self) -> str:
        """What they are, by their cells."""
        if self.code == "A":
            return "grants, alike"
        if self.code not in _THEIR_OWN:
            return "vested, withheld or returned, alike"
        return "indirect chains" if self.indirect else "own dealings, each direct"


def alike(folder: Path) -> list[Alike]:
    """Those under *folder*; amendments are left out, which repeat what they amend."""
    every = {row["ACCESSION_NUMBER"]: row for row in _table(folder, "SUBMISSION") if row["DOCUMENT_TYPE"] == "4"}
    rows = defaultdict[str, list[Cells]](list)
    same = defaultdict[tuple[str, ...], list[Cells]](list)
    for row in _table(folder, "DERIV_TRANS"):
        if (filing := every.get(row["ACCESSION_NUMBER"])) is not None:
            rows[row["ACCESSION_NUMBER"]].append(row)
            held = row[_HELD] if row["TRANS_CODE"] in _THEIR_OWN else ""
            same[*({**row, **filing}[name] for name in _SAME), held].append(row)
    told = {name: Trades.of(_past(number, every[name], rows[name])) for number, name in enumerate(rows)}
    found = []
    for key, those in same.items():
        names = dict.fromkeys(row["ACCESSION_NUMBER"] for row in those)
        if len(names) > 1:
            indirect = any(row["DIRECT_INDIRECT_OWNERSHIP"] == "I" for row in those)
            found.append(Alike(key[2], indirect, tuple(told[name] for name in names)))
    return found


def figures(found: Sequence[Alike]) -> Iterator[str]:
    """How they fare, line by line."""
    kinds = dict.fromkeys(one.kind for one in found)
    for kind in sorted(kinds):
        of = [one for one in found if one.kind == kind]
        joined, apart = sum(one.joined for one in of), sum(one.apart for one in of)
        yield f"{kind:40}{len(of):>5} rows in several filings{joined:>6} one trade{apart:>6} trades of their own"


def seconds(found: Sequence[Alike]) -> float:
    """What it costs the processor to compare two filings."""
    pairs = [pair for one in found for pair in combinations(one.filings, 2)]
    started = time.process_time()
    for one, other in pairs:
        one_trade(one, other)
    return (time.process_time() - started) / len(pairs)


def _table(folder: Path, name: str) -> Iterator[Cells]:
    with (folder / "2024q3_half" / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter="\t")


def _past(number: int, filing: Cells, rows: Sequence[Cells]) -> Past:
    filed = _day(filing["FILING_DATE"])
    assert filed is not None
    nobody = OwnerRelationship(is_ten_percent_owner=None)
    return Past(
        accession=Accession(filing["ACCESSION_NUMBER"]),
        source=Brought.SET,
        form=filing["DOCUMENT_TYPE"],
        issuer=Cik(filing["ISSUERCIK"]),
        company=filing["ISSUERNAME"],
        symbol=filing["ISSUERTRADINGSYMBOL"],
        known=calendar.at(filed, calendar.MIDNIGHT),
        filed=filed,
        period=None,
        amends=None,
        plan=None,
        left=None,
        owners=(ReportingOwner(rpt_owner_cik=Cik(f"{number:010d}"), relationship=nobody),),
        rows=tuple(map(_row, rows)),
    )


def _row(row: Cells) -> DerivativeTransaction:
    return DerivativeTransaction(
        security_title=row["SECURITY_TITLE"] or None,
        conversion_or_exercise_price=_number(row["CONV_EXERCISE_PRICE"]),
        transaction_date=_day(row["TRANS_DATE"]),
        transaction_code=TransactionCode(row["TRANS_CODE"]),
        transaction_shares=_number(row["TRANS_SHARES"]),
        transaction_total_value=_number(row["TRANS_TOTAL_VALUE"]),
        transaction_price_per_share=_number(row["TRANS_PRICEPERSHARE"]),
        transaction_acquired_disposed_code=AcquiredDisposed(row["TRANS_ACQUIRED_DISP_CD"]),
        shares_owned_following_transaction=_number(row["SHRS_OWND_FOLWNG_TRANS"]),
        direct_or_indirect_ownership=OwnershipForm(row["DIRECT_INDIRECT_OWNERSHIP"]),
    )


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%d-%b-%Y").date() if text else None  # noqa: DTZ007  (a day)


if __name__ == "__main__":
    if not (named := os.environ.get("FORM4_DATASETS")):
        raise SystemExit("FORM4_DATASETS is not set: it names the folder with the SEC's tables")
    every = alike(Path(named))
    print(*figures(every), sep="\n")
    print(f"two filings: {min(seconds(every) for _ in range(5)) * 1e6:.1f} us of the processor to compare")
