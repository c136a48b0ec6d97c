"""What is told of filings written by hand, against what a person says who reads the form."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from consumers.matcher.facts.fact import Level
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.headline import headline
from consumers.matcher.subject import Subject
from consumers.parser.document import parse
from service.model.ownership import TransactionCode
from tests.kit.documents import a_filing
from tests.matcher.golden.form import USUAL, filed_in, xml_of

FOLDER = Path(__file__).parent
COMPANY = "EXAMPLE CORP [EXMP]: "
USUALLY_OF_A_ROW = {"filing_lag": 2, "days_late": 0, "plan": "none"}  # traded two days before, under no plan
USUALLY_OF_THE_FILING = {
    "amendment": False,
    "joint": False,
    "continuation": False,
    "plan_10b5_1": False,
    "relationship_ended": False,
    "role": "director",
    "filed_on": USUAL["filed"],
}
AS_FILED = frozenset({"kind", "security_title", "transaction_code", "transaction_date", "ownership"})
ELSEWHERE = frozenset({"vesting", "vests_from", "vests_until", "flags"})  # held to other tables; flags by `flags` below


def golden() -> dict[str, dict[str, Any]]:
    """Every filing by its name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for name, filing in YAML(typ="base", pure=True).load(path).items():
            assert name not in found, name
            found[name] = filing
    return found


GOLDEN = golden()


def subject_of(filing: dict[str, Any]) -> Subject:
    """*filing* as the matcher sees it, read from its XML."""
    day = date.fromisoformat(filing.get("filed", USUAL["filed"]))
    return Subject.of(a_filing(filed_on=day), parse(xml_of(filing)))


def told(value: object) -> str | None:
    """A fact as the tables write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return " ".join(sorted(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def number(text: str | None) -> str | None:
    """A number of the tables without the noughts behind it; anything else as it is."""
    try:
        return None if text is None else told(Decimal(text))
    except ArithmeticError:
        return text


def expected_of_rows(filing: dict[str, Any]) -> Iterator[dict[str, str | None]]:
    """What is to be known of each transaction row: what it states, unless that is unknown, and what follows from it."""
    rows = [(table, row) for table in ("I", "II") for row in filing.get(table, ()) if not row.startswith("holding ")]
    assert len(rows) == len(filing["rows"])
    for (table, row), told_of in zip(rows, filing["rows"], strict=True):
        known = {name: str(value) for name, value in USUALLY_OF_A_ROW.items()} | dict(filed_in(row, table))
        known |= {name: value for name, value in told_of.items() if name not in ("unknown", "flags")}
        known["kinds"] = " ".join(sorted(known["kinds"].split()))
        unknown = set(told_of.get("unknown", "").split())
        yield {name: number(value) for name, value in known.items() if value and name not in unknown}


def known_of_rows(subject: Subject) -> Iterator[dict[str, str | None]]:
    """What the facts say of each row; what is unknown is left out."""
    names = [one.name for one in FACTS.values() if one.level is Level.ROW and one.name not in AS_FILED | ELSEWHERE]
    for row in subject.facts:
        values = {name: told(FACTS[name].of(subject, row)) for name in names}
        yield {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("name", GOLDEN)
def test_every_fact_of_every_row_is_as_the_form_says(name: str) -> None:
    """Kinds, class, numbers; and nothing is known that the filing does not tell."""
    subject = subject_of(GOLDEN[name])

    assert list(expected_of_rows(GOLDEN[name])) == list(known_of_rows(subject))


@pytest.mark.parametrize("name", GOLDEN)
def test_what_is_odd_is_flagged_and_nothing_else(name: str) -> None:
    """On the row where it stands, or on the filing."""
    subject = subject_of(GOLDEN[name])
    rows = [" ".join(sorted({flag.code for flag in row.flags})) for row in subject.facts]
    of_filing = sorted(
        {flag.code for flag in subject.document.flags if flag.where is None or " row " not in flag.where}
    )

    assert [" ".join(sorted(row.get("flags", "").split())) for row in GOLDEN[name]["rows"]] == rows
    assert sorted(GOLDEN[name].get("flags", "").split()) == of_filing


@pytest.mark.parametrize("name", GOLDEN)
def test_every_fact_of_the_filing_is_as_the_form_says(name: str) -> None:
    """What it says as a whole, and what its rows come to."""
    filing = GOLDEN[name]
    subject = subject_of(filing)
    usual = {key: told(value) for key, value in USUALLY_OF_THE_FILING.items()}
    expected = {key: value for key, value in (usual | filing.get("filing", {})).items() if value != "unknown"}
    facts = {one.name: told(one.of(subject)) for one in FACTS.values() if one.level is Level.FILING}

    assert expected == {key: value for key, value in facts.items() if value is not None}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_headline_says_what_happened(name: str) -> None:
    """As somebody would who has read the form."""
    subject = subject_of(GOLDEN[name])
    says = GOLDEN[name]["says"]
    who = "" if says.startswith(("DOE JANE", "EXAMPLE CORP")) else "DOE JANE (director) "
    company = "" if says.startswith("EXAMPLE CORP") else COMPANY

    assert f"{company}{who}{says}" == headline(subject, subject.facts)


def test_the_golden_set_has_every_code_kind_and_class() -> None:
    """At least sixty filings; what is missing there, nobody has worked out by hand."""
    subjects = [subject_of(filing) for filing in GOLDEN.values()]
    rows = [row for subject in subjects for row in subject.facts]
    codes = {row.transaction.transaction_code for row in rows}

    assert 60 <= len(GOLDEN)
    assert {*TransactionCode} <= codes
    for name in ("kinds", "security_class"):
        words: type[StrEnum] = FACTS[name].words  # type: ignore[assignment]
        values = [FACTS[name].of(subject, row) for subject in subjects for row in subject.facts]
        assert {*words} == {word for value in values for word in (value if isinstance(value, frozenset) else {value})}
    assert all(filing.get("why") for filing in GOLDEN.values())
