"""What holds of every key by which a rule claims something: a new one in PREDICATES is held to it unasked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from consumers.language.groups import RuleSection
from consumers.matcher.condition import one_kept
from consumers.matcher.explain import explain
from consumers.matcher.facts.fact import FactType, Type
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates import PREDICATES, Level
from consumers.matcher.subject import Subject
from service.model.alert import Evidence
from service.model.fact import Verdict
from service.model.filing import Accession, Times
from service.model.ownership import ReportingOwner
from service.model.parsed import ParsedFiling
from service.model.past import Around, Before
from service.model.rule import claims
from service.store import history
from tests.kit.documents import NOW, a_document, a_filing, a_row, a_rule, a_subject, an_option, an_owner

DOCS = Path(__file__).parent.parent.parent / "docs"
LISTS = {"ours": {"tickers": ["EXMP"]}, "theirs": {"ciks": [1]}, "both": {"ciks": [1], "tickers": ["EXMP"]}}
NAMES = {"roles": "role"}  # keys that are not called as their fact
A_CLUSTER = {"insiders": 2, "within": "10d", "exclude": ["ten-percent-owner", "other"]}
A_PURCHASE, AMENDED = a_subject(a_row()), a_subject(a_row(), document_type="4/A")


def beside(owner: ReportingOwner) -> Subject:
    """A purchase on the day after the same by *owner*."""
    filing = a_filing(times=Times(accepted=NOW))
    earlier = a_filing(accession=Accession("0009990900-25-000000"), times=Times(accepted=NOW - timedelta(days=1)))
    document, other = a_document(a_row()), a_document(a_row(), reporting_owners=(owner,))
    past = [
        history.past_of(ParsedFiling(filing=one, document=of), NOW)
        for one, of in ((filing, document), (earlier, other))
    ]
    around = Around(filing=past[0], filings=(past[1],))
    return Subject.of(filing, document, Before(filings=(), complete=date(2025, 1, 1), around=around))


# What of facts follows from their type; of other keys: what is asked, and filings of which it is true, false, unknown.
OTHERS: dict[str, list[tuple[Any, Subject, Verdict]]] = {
    "kinds": [("purchase", A_PURCHASE, Verdict.TRUE), ("sale", A_PURCHASE, Verdict.FALSE)],
    "watchlist": [("ours", A_PURCHASE, Verdict.TRUE), ("theirs", A_PURCHASE, Verdict.FALSE)],
    "exclude": [("theirs", A_PURCHASE, Verdict.TRUE), (["theirs", "both"], A_PURCHASE, Verdict.FALSE)],
    "when": [
        ("kind == 'purchase'", A_PURCHASE, Verdict.TRUE),
        ("kind == 'sale'", A_PURCHASE, Verdict.FALSE),
        ("owned_after > 1", A_PURCHASE, Verdict.UNKNOWN),
    ],
    "cluster": [
        (A_CLUSTER, beside(an_owner("ROE RICHARD", "0009800002")), Verdict.TRUE),
        (A_CLUSTER, beside(an_owner("ROE RICHARD", "0009800002", is_ten_percent_owner=True)), Verdict.FALSE),
        (A_CLUSTER, beside(an_owner("ROE RICHARD", "0009800002", is_other=None)), Verdict.UNKNOWN),
        (A_CLUSTER, A_PURCHASE, Verdict.UNKNOWN),
    ],
    "amendments": [
        ("exclude", A_PURCHASE, Verdict.TRUE),
        ("only", A_PURCHASE, Verdict.FALSE),
        ("only", AMENDED, Verdict.TRUE),
        (False, AMENDED, Verdict.FALSE),
    ],
}


def fact_of(key: str) -> FactType | None:
    """The fact that *key* asks for, whatever its name."""
    return None if key in OTHERS else FACTS[NAMES.get(key, key)]


def sample(fact: FactType) -> tuple[Any, Any, Any]:
    """What can be asked of *fact*, and values with which it is true and false."""
    match fact.type:
        case Type.NUMBER:
            return ">= 7", Decimal(7), Decimal("6.99")
        case Type.DATE:
            day = a_subject().filed_on
            assert day is not None
            return f">= {day}", day, day - timedelta(days=1)
        case Type.FLAG:
            return True, True, False
        case _:
            assert fact.words is not None
            first, second, *_ = fact.words
            several = fact.type is Type.WORDS
            return first.value, frozenset({first}) if several else first, frozenset({second}) if several else second


def evidence_of(key: str, asked: Any, subject: Subject) -> Evidence:
    """How one row of *subject*, or *subject*, fares under *asked*."""
    rule = a_rule(LISTS, **{key: asked})
    (claim,) = claims(rule.rule.condition.rows)
    predicate = PREDICATES[claim.key].predicate(claim.asked)
    found = explain(rule, subject)
    if predicate.level is Level.ROW:
        ((evidence,),) = {row.evidence for row in found.rows}
    else:
        (evidence,) = found.filing
    assert evidence == predicate.evidence(subject, subject.facts[0])
    return evidence


@contextmanager
def stating(fact: FactType, value: Any) -> Iterator[None]:
    """While the context is open, every filing states *value* for *fact*."""
    before = {name: getattr(fact, name) for name in ("of_row", "of_filing", "costly")}
    read = {"of_row" if fact.of_row else "of_filing": lambda *_: value, "costly": False}
    for name, now in read.items():
        object.__setattr__(fact, name, now)
    one_kept.cache_clear()  # what stands ready reads the fact as it was
    try:
        yield
    finally:
        for name, then in before.items():
            object.__setattr__(fact, name, then)
        one_kept.cache_clear()


@pytest.mark.parametrize("key", PREDICATES)
def test_a_key_is_true_false_or_unknown(key: str) -> None:
    """As the filing says; and what is unknown is neither."""
    fact, row = fact_of(key), an_option()
    if fact is None:
        for asked, subject, verdict in OTHERS[key]:
            assert verdict is evidence_of(key, asked, subject).verdict
        return
    asked, *values = sample(fact)
    rows = [row] if fact.of_row else [row, a_row("M"), a_row("S")]
    for value, verdict in zip((*values, None), (Verdict.TRUE, Verdict.FALSE, Verdict.UNKNOWN), strict=True):
        with stating(fact, value):
            assert verdict is evidence_of(key, asked, a_subject(*rows, schema_version="X0306")).verdict


@pytest.mark.parametrize("key", PREDICATES)
def test_the_evidence_of_a_key_says_what_and_where(key: str) -> None:
    """What is claimed, what the filing says, and in which boxes."""
    fact = fact_of(key)
    asked, subject = (sample(fact)[0], a_subject(an_option())) if fact else OTHERS[key][0][:2]
    evidence = evidence_of(key, asked, subject)

    assert evidence.predicate
    assert evidence.stated
    assert evidence.sources or key in ("exclude", "amendments")  # these rest on what is not there
    assert all(source.number for source in evidence.sources)


@pytest.mark.parametrize("key", PREDICATES)
def test_a_key_stands_in_rules_in_groups_and_in_the_docs(key: str) -> None:
    """Where people look for it."""
    fact = fact_of(key)
    asked = sample(fact)[0] if fact else OTHERS[key][0][0]
    other = {"kinds": "purchase"} if key == "shares" else {"shares": ">= 1"}

    assert key in RuleSection.model_fields
    assert a_rule(LISTS, any_of=[{key: asked}, other], **{"not": {key: asked, **other}}).claims
    assert any(f"`{key}`" in (DOCS / page).read_text() for page in ("rules.md", "facts.md") if (DOCS / page).exists())


def test_every_fact_can_be_asked_for() -> None:
    """By a key of its own, but for texts, `amendment`, which is `amendments`, and `kind`, which is one of `kinds`."""
    texts = {name for name, fact in FACTS.items() if fact.type is Type.TEXT}
    assert FACTS.keys() - texts - {"amendment", "kind"} == {NAMES.get(key, key) for key in PREDICATES} & FACTS.keys()


def test_owners_are_asked_together_or_one_by_one() -> None:
    """`per: owner` binds roles and names to one and the same person."""
    lists = {"jane": {"owners": ["Jane Doe"]}}
    owners = (an_owner("DOE JANE", is_director=True), an_owner("ROE RICHARD", "0009800002", is_officer=True))
    subject = a_subject(a_row(), reporting_owners=owners)

    together = a_rule(lists, watchlist="jane", roles="officer")
    alone = a_rule(lists, watchlist="jane", roles="officer", per="owner")
    director = a_rule(lists, watchlist="jane", roles="director", per="owner")

    assert together.matches(subject) == subject.facts == director.matches(subject)
    assert alone.matches(subject) is None
    assert Verdict.FALSE is explain(alone, subject).verdict
    assert "DOE JANE" == explain(director, subject).filing[0].stated
