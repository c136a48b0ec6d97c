"""How well the matcher tells what a grant is of: 3,628 rows of code A in Table II against labels made by hand.

Prints precision and recall of each class and of ``option-grant``, for both halves of the rows (by a hash of their
accession) and for each entry of the word list how many rows it decides in each half: an entry that only one half needs
is fitted to it. The rows come from the folder that FORM4_DATASETS names.
"""

import csv
import os
import time
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from consumers.matcher.meaning import meanings_of
from consumers.matcher.meaning.words import WORDS, word_of
from consumers.matcher.rows import facts_of
from service.model.fact import Fact, Kind, Measure, SecurityClass
from service.model.filing import Cik
from service.model.ownership import (
    AcquiredDisposed,
    Box,
    DerivativeTransaction,
    FootnoteId,
    Issuer,
    OwnershipDocument,
    OwnershipForm,
    TransactionCode,
)

OF_OPTIONS = frozenset({SecurityClass.OPTION, SecurityClass.SAR, SecurityClass.WARRANT})
LARGE = Decimal(500_000)  # USD of exercise value

_FOOTNOTES = {
    "title_fn": "security_title",
    "strike_fn": "conversion_or_exercise_price",
    "trans_date_fn": "transaction_date",
    "coding_fn": "transaction_code",
    "shares_fn": "transaction_shares",
    "total_value_fn": "transaction_total_value",
    "price_fn": "transaction_price_per_share",
    "exercise_fn": "exercise_date",
    "expiration_fn": "expiration_date",
    "underlying_shares_fn": "underlying_security_shares",
    "owned_after_fn": "shares_owned_following_transaction",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row, what a person says it is, and what the matcher makes of it."""

    row: Mapping[str, str]
    label: SecurityClass
    fact: Fact

    @property
    def half(self) -> int:
        """0 or 1, the same for all rows of a filing."""
        return zlib.crc32(self.row["accession"].encode()) % 2

    @property
    def scored(self) -> bool:
        """Whether the label counts: code A beside a box that says disposed can be anything."""
        return self.row["scored"] == "yes"


def labelled(folder: Path) -> Iterator[Labelled]:
    """The rows under *folder*, each read as a document of its own."""
    path = folder / "2024q3_half" / "labels" / "grants.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            (fact,) = facts_of(document_of(row), _date(row["filing_date"]))
            yield Labelled(row, SecurityClass(row["label"]), fact)


def document_of(row: Mapping[str, str]) -> OwnershipDocument:
    """The document that *row* makes."""
    cited = {Box(box): tuple(map(FootnoteId, row[name].split(", "))) for name, box in _FOOTNOTES.items() if row[name]}
    transaction = DerivativeTransaction(
        security_title=row["title"] or None,
        conversion_or_exercise_price=_number(row["strike"]),
        transaction_date=_date(row["trans_date"]),
        transaction_code=TransactionCode(row["code"]),
        equity_swap_involved=row["swap"] in ("1", "true"),
        transaction_shares=_number(row["shares"]),
        transaction_total_value=_number(row["total_value"]),
        transaction_price_per_share=_number(row["price"]),
        transaction_acquired_disposed_code=AcquiredDisposed(row["acquired_disposed"]),
        exercise_date=_date(row["exercise_date"]),
        expiration_date=_date(row["expiration"]),
        underlying_security_title=row["underlying_title"] or None,
        underlying_security_shares=_number(row["underlying_shares"]),
        underlying_security_value=_number(row["underlying_value"]),
        shares_owned_following_transaction=_number(row["owned_after"]),
        value_owned_following_transaction=_number(row["value_owned_after"]),
        direct_or_indirect_ownership=OwnershipForm(row["ownership"]),
        footnotes=cited,
    )
    return OwnershipDocument(
        document_type=row["document_type"],
        issuer=Issuer(issuer_cik=Cik(row["issuer_cik"])),
        reporting_owners=(),
        derivative_table=(transaction,),
    )


def is_grant(one: Labelled) -> bool:
    """Whether the matcher calls it an option grant."""
    return Kind.OPTION_GRANT in one.fact.kinds


def scores(rows: Iterable[Labelled]) -> Iterator[tuple[str, int, int, int]]:
    """Each class by its name: how many are rightly of it, how many are said to be, how many are; option-grant last."""
    scored = [one for one in rows if one.scored]
    for security in SecurityClass:
        said = [one for one in scored if one.fact.security_class is security]
        right = sum(one.label is security for one in said)
        yield security, right, len(said), sum(one.label is security for one in scored)
    grants = [one for one in scored if is_grant(one)]
    right = sum(one.label in OF_OPTIONS for one in grants)
    yield Kind.OPTION_GRANT, right, len(grants), sum(one.label in OF_OPTIONS for one in scored)


def false_alarms(rows: Iterable[Labelled]) -> Iterator[Labelled]:
    """Rows that are no options, called option grants, with a large exercise value."""
    for one in rows:
        worth = one.fact.measures.get(Measure.EXERCISE_VALUE)
        if one.scored and one.label not in OF_OPTIONS and is_grant(one) and worth is not None and worth >= LARGE:
            yield one


def table(rows: list[Labelled]) -> Iterator[str]:
    """The scores, line by line."""
    halves = [(name, [one for one in rows if one.half == half]) for half, name in enumerate(("half a", "half b"))]
    for name, some in [*halves, ("all", rows)]:
        yield f"{name}: {len(some):,} rows{'':20} right  said  are   precision  recall"
        for security, right, said, are in scores(some):
            if said or are:
                precision, recall = _percent(right, said), _percent(right, are)
                yield f"  {security:24}{right:>14,}{said:>7,}{are:>6,}{precision:>10}{recall:>9}"
    yield "word list: rows decided in half a, in half b"
    decided = Counter((word_of(one.row["title"]), one.half) for one in rows)
    for word in (*WORDS, None):
        yield f"  {decided[word, 0]:>6,}{decided[word, 1]:>6,}  {word.why if word else 'no entry: numbers decide'}"


def seconds(rows: list[Labelled]) -> tuple[float, float]:
    """What a row costs the processor: its meaning, and with it all that rules are held against."""
    documents = [(document_of(one.row), _date(one.row["filing_date"])) for one in rows]
    took = []
    for read in (meanings_of, facts_of):
        started = time.process_time()
        for document, filed_on in documents:
            read(document, filed_on)
        took.append((time.process_time() - started) / len(documents))
    return took[0], took[1]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


if __name__ == "__main__":
    if not (named := os.environ.get("FORM4_DATASETS")):
        raise SystemExit("FORM4_DATASETS is not set: it names the folder with the labelled rows")
    every = list(labelled(Path(named)))
    print(*table(every), sep="\n")
    meaning, whole = min(seconds(every) for _ in range(5))
    print(f"a row: its meaning {meaning * 1e6:.1f} us, with its measures {whole * 1e6:.1f} us of the processor")
    print(f"no options, called option grants, with an exercise value of $500k: {len(list(false_alarms(every)))}")
