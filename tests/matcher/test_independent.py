"""Every real document, its facts worked out a second time from the XML by code that shares nothing with the matcher."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from consumers.matcher.facts.registry import FACTS
from consumers.matcher.subject import Subject
from consumers.parser.document import parse
from service.edgar.submission import is_submission, ownership_xml
from service.model.errors import UnusableDocument
from tests.kit.corpus import DOCUMENTS, each_file
from tests.kit.documents import a_filing
from tests.kit.places import SAMPLES

NUMBERS = {
    "shares": "transactionShares",
    "price": "transactionPricePerShare",
    "strike": "conversionOrExercisePrice",
    "underlying_shares": "underlyingSecurityShares",
    "owned_after": "sharesOwnedFollowingTransaction",
}
CODES = {
    "P": "purchase",
    "S": "sale",
    "D": "disposition-to-issuer",
    "F": "withholding",
    "I": "discretionary",
    "E": "expiry",
    "H": "expiry",
    "G": "gift",
    "L": "small-acquisition",
    "W": "inheritance",
    "Z": "voting-trust",
    "U": "tender",
    "J": "other",
    "V": "other",
    "K": "equity-swap",
}
EXERCISES = {"M": "exercise", "X": "exercise", "O": "exercise", "C": "conversion"}
GRANTS = {"option-grant", "award", "deferral", "dividend-equivalent", "convertible", "partnership-unit"}
ROW = re.compile(r"(?:nonD|d)erivative(?:Transaction|Holding)")
WAY = {("P", "A"): "buy", ("S", "D"): "sell"}
WRONG = {("P", "D"), ("S", "A"), ("F", "A"), ("D", "A"), ("L", "D")}
FILED = date(2025, 3, 5)
CLOSED = {date(2018, 12, 5), date(2018, 12, 24), date(2019, 12, 24), date(2020, 12, 24), date(2024, 12, 24)} | {
    date(2025, 1, 9),
    date(2025, 12, 24),
    date(2025, 12, 26),
}


class Row:
    """A transaction of a table, by what stands in its XML."""

    def __init__(self, table: str, element: ET.Element) -> None:
        self.table, self.element = table, element
        self.code = self.text("transactionCode")
        self.way = self.text("transactionAcquiredDisposedCode")
        self.swap = self.text("equitySwapInvolved") in ("1", "true")
        day = self.text("transactionDate")
        self.day = date.fromisoformat(day[:10]) if day else None

    def text(self, box: str) -> str | None:
        """What stands in *box*."""
        found = next(self.element.iter(box), None)
        said = "" if found is None else (found.findtext("value") or found.text or "").strip()
        return said or None

    def number(self, box: str) -> Fraction | None:
        """The number in *box*."""
        said = self.text(box)
        return None if said is None else Fraction(said)

    @property
    def value(self) -> Fraction | None:
        """What changed hands was worth."""
        total, shares, price = map(
            self.number, ("transactionTotalValue", "transactionShares", "transactionPricePerShare")
        )
        if total is not None:
            return total
        return None if shares is None or price is None else shares * price


def rows_of(root: ET.Element) -> list[Row]:
    """Every transaction, Table I first."""
    return [
        Row(table, element)
        for table, tag in (("I", "nonDerivativeTransaction"), ("II", "derivativeTransaction"))
        for element in root.iter(tag)
    ]


def kinds_of(row: Row, rows: list[Row]) -> set[str]:
    """All that *row* can be called: of grants, one of many."""
    if row.code in EXERCISES:
        given = any(one.code == row.code and one.way == "D" for one in rows)
        told = any(one.code == row.code and one.table == "II" for one in rows)
        brought = row.way != "D" and (given or (row.table == "I" and told))
        return {"exercise-shares" if brought else EXERCISES[row.code]}
    if row.code == "A":
        return {*GRANTS, "grant-reversal", "other"} if row.way == "D" else {*GRANTS, "other"}
    return {CODES.get(row.code or "", "other")} | ({"equity-swap"} if row.swap else set())


def way_of(row: Row) -> str | None:
    """Which way it went; None: the code and the box contradict each other, or it is for another test."""
    if row.way is None or (row.code, row.way) in WRONG:
        return None
    if (row.code, row.way) in WAY and not row.swap:
        return WAY[row.code, row.way]  # type: ignore[index]
    return "acquire" if row.way == "A" else "dispose"


def numbers_of(row: Row, filed: date) -> Iterator[tuple[str, Fraction | None]]:
    """The numbers of *row*, and what they come to."""
    for name, box in NUMBERS.items():
        yield name, row.number(box)
    yield "value", row.value
    strike, underlying = row.number("conversionOrExercisePrice"), row.number("underlyingSecurityShares")
    yield "exercise_value", None if strike is None or underlying is None else strike * underlying
    yield "filing_lag", None if row.day is None else Fraction((filed - row.day).days)


def years_of(row: Row) -> Fraction | None:
    """From the trade to the expiry, in hundredths of a year."""
    text = row.text("expirationDate")
    if not text or row.day is None or date.fromisoformat(text[:10]) <= row.day:
        return None
    expires, whole = date.fromisoformat(text[:10]), 0
    while on(row.day, whole + 1) <= expires:
        whole += 1
    start, end = on(row.day, whole), on(row.day, whole + 1)
    return whole + Fraction((expires - start).days * 100 // (end - start).days, 100)


def on(day: date, years: int) -> date:
    """The anniversary of *day*."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 2, 28) + timedelta(days=1)


def net_of(rows: list[Row]) -> Fraction | None:
    """Purchases less sales in Table I."""
    dealt = [row for row in rows if row.table == "I" and row.code in ("P", "S") and not row.swap]
    if not dealt or any(row.value is None or way_of(row) is None for row in dealt):
        return None
    return sum((row.value if row.code == "P" else -row.value for row in dealt), Fraction(0))  # type: ignore[misc,operator]


def filed_of(root: ET.Element) -> date:
    """When it was filed, as far as the document tells: when it was signed."""
    signed = [text.text.strip()[:10] for text in root.iter("signatureDate") if text.text and text.text.strip()]
    return max((date.fromisoformat(text) for text in signed), default=FILED)


def is_open(day: date) -> bool:
    """Whether EDGAR takes filings on *day*."""
    year, month = day.year, day.month
    if day.weekday() > 4 or day in CLOSED:
        return False
    week = (day.day - 1) // 7 + 1
    if day.weekday() == 0 and (month, week) in ((1, 3), (2, 3), (9, 1), (10, 2)):
        return False
    if day.weekday() == 0 and month == 5 and (day + timedelta(days=7)).month == 6:
        return False
    if (month, day.weekday(), week) == (11, 3, 4):
        return False
    fixed = [date(year, *day) for day in ((1, 1), (7, 4), (11, 11), (12, 25))] + [date(year + 1, 1, 1)]
    fixed += [date(year, 6, 19)] if year > 2021 else []
    return all(day != one - timedelta(days={5: 1, 6: -1}.get(one.weekday(), 0)) for one in fixed)


def late_of(row: Row, form: str, filed: date) -> Fraction | None:
    """Business days after the second one that follows the trade."""
    deemed = row.text("deemedExecutionDate")
    if row.day is None or deemed or form != "4" or row.code in ("L", "W") or row.day < date(2002, 8, 29):
        return None
    if row.text("transactionFormType") == "5" or (row.code == "G" and (row.way == "A" or row.day < date(2023, 2, 27))):
        return None
    due, left = row.day, 2
    while left:
        due += timedelta(days=1)
        left -= is_open(due)
    return Fraction(sum(is_open(due + timedelta(days=after)) for after in range(1, (filed - due).days + 1)))


def change_of(row: Row) -> Fraction | None:
    """What changed hands of what was held before, in percent; for rows that are alone in their line of the form."""
    after, shares, way = row.number(NUMBERS["owned_after"]), row.number(NUMBERS["shares"]), way_of(row)
    if after is None or shares is None or way is None:
        return None
    before = after - shares if way in ("buy", "acquire") else after + shares
    return round(100 * shares / before, 4) if before > 0 else None


def line_of(element: ET.Element) -> tuple[str, ...]:
    """What makes a line of the form one."""
    row = Row("", element)
    boxes = ("securityTitle", "directOrIndirectOwnership", "natureOfOwnership", "conversionOrExercisePrice")
    return tuple(" ".join((row.text(box) or "").lower().split()) for box in (*boxes, "expirationDate"))


def exact(value: Any) -> Fraction | None:
    """A fact as it is compared."""
    return None if value is None else Fraction(str(value))


@each_file(*DOCUMENTS)
def test_the_facts_of_a_real_document_are_as_a_second_calculation_has_them(path: Path) -> None:
    """Kind, direction, every number, and what they come to; boxes in doubt are unknown, and left to other tests."""
    agree(path)


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_the_facts_of_a_bundled_document_are_as_a_second_calculation_has_them(path: Path) -> None:
    """They have every code and both tables."""
    agree(path)


def agree(path: Path) -> None:
    """Hold the matcher's facts of the document in *path* to the second calculation."""
    data = path.read_bytes()
    xml = (ownership_xml(data) or b"") if is_submission(data) else data
    try:
        document = parse(xml)
        root = ET.fromstring(re.sub(rb"<(/?)[A-Za-z0-9]+:", rb"<\1", xml))
    except (UnusableDocument, ET.ParseError):
        pytest.skip("the document cannot be used at all, or not without being mended")
    filed = filed_of(root)
    subject = Subject.of(a_filing(filed_on=filed), document)
    rows = rows_of(root)
    lines = Counter(line_of(element) for element in root.iter() if ROW.fullmatch(element.tag))

    assert [(row.table, row.code) for row in rows] == [
        (fact.table, fact.transaction.transaction_code) for fact in subject.facts
    ]
    for row, fact in zip(rows, subject.facts, strict=True):
        assert set(fact.kinds) <= kinds_of(row, rows)
        plain = row.code != "A" and row.code not in EXERCISES
        if plain:
            assert way_of(row) == FACTS["direction"].of(subject, fact)
        if fact.flags:
            continue
        for name, number in numbers_of(row, filed):
            assert number == exact(FACTS[name].of(subject, fact)), name
        assert years_of(row) == exact(FACTS["years_to_expiry"].of(subject, fact))
        if not row.text("deemedExecutionDate"):
            assert late_of(row, document.document_type, filed) == exact(FACTS["days_late"].of(subject, fact))
        if plain and lines[line_of(row.element)] == 1:
            assert change_of(row) == exact(FACTS["holding_change"].of(subject, fact))
    if not any(flag.box for fact in subject.facts for flag in fact.flags):
        assert net_of(rows) == exact(FACTS["net_value"].of(subject))
