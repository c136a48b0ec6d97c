"""``kinds``: what the row reports."""

from collections.abc import Iterator

from consumers.language.fields import one_of
from consumers.matcher.facts.boxes import source
from consumers.matcher.meaning.kinds import CODES
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.predicates.said import once
from consumers.matcher.subject import Subject
from service.model.fact import Fact, Kind, Verdict
from service.model.ownership import AcquiredDisposed, TransactionCode

_SAID = {code.casefold(): kind.value for code, kind in CODES.items()} | {
    "a": "award or option-grant",
    "all": "nothing: a rule without kinds is about all of them",
    "any": "nothing: a rule without kinds is about all of them",
    "buy": "purchase",
    "buys": "purchase",
    "sell": "sale",
    "sells": "sale",
    "grant": "award or option-grant",
    "grants": "award or option-grant",
    "option": "option-grant, or exercise",
    "options": "option-grant, or exercise",
    "phantom": "deferral",
    "rsu": "award",
    "rsus": "award",
    "swap": "equity-swap",
    "tax": "withholding",
    "warrant": "option-grant, or exercise",
}


def _boxes(fact: Fact) -> Iterator[str]:
    """The boxes that its kinds were told by; the code alone says most."""
    row = fact.transaction
    disposed = row.transaction_acquired_disposed_code is AcquiredDisposed.DISPOSED
    yield "transaction_code"
    if row.transaction_code is TransactionCode.AWARD:
        yield "security_title"
    if fact.kind is Kind.EXERCISE_SHARES or (disposed and row.transaction_code is TransactionCode.AWARD):
        yield "transaction_acquired_disposed_code"
    if row.equity_swap_involved and Kind.EQUITY_SWAP in fact.kinds:
        yield "equity_swap_involved"


def _said(_: Subject, fact: Fact) -> Stated:
    code = fact.transaction.transaction_code
    told = f"{' and '.join(fact.kinds)} (code {code or 'not stated'})"
    boxes = tuple(source(fact, box) for box in _boxes(fact))
    return f"{told}: {fact.reason}" if len(boxes) > 1 else told, boxes


_stated = once("kinds", _said)


def _predicate(asked: tuple[Kind, ...]) -> Predicate:
    """True where the row is of one of the kinds *asked* for."""
    kinds = frozenset(asked)

    return Predicate(
        level=Level.ROW,
        text=f"kind is {' or '.join(asked)}",
        test=lambda _, fact: Verdict.FALSE if kinds.isdisjoint(fact.kinds) else Verdict.TRUE,
        stated=_stated,
    )


KINDS = ClaimType(
    key="kinds", field=one_of(Kind, "kind", "purchase", _SAID, "What a row reports"), predicate=_predicate
)
