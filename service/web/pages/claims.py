"""What a rule asked for and what the filing says, claim by claim, with boxes, footnotes and verdicts."""

from collections.abc import Iterator

from msgspec import Struct

from service.model.alert import Evidence, Explanation
from service.model.fact import Verdict
from service.text import legible

_WORDS = {Verdict.TRUE: ("passed", "good"), Verdict.FALSE: ("failed", "bad"), Verdict.UNKNOWN: ("unknown", "warn")}
MOST = 60
"""Claims that are shown; a filing can have very many rows."""


class ClaimRow(Struct, frozen=True, kw_only=True):
    """One thing that was asked for."""

    place: str  # the row, or what the claim is about
    asked: str  # "exercise_value >= $500,000"
    stated: str  # "$582,000 ($2.91 x 200,000 shares)"; empty: the parts say it
    boxes: str  # "box 2, box 5"
    footnotes: tuple[str, ...]
    depth: int  # 0: on its own; a part of another stands below it
    word: str  # passed, failed, unknown
    kind: str  # of the pill


def claims(explanation: Explanation, only: Verdict | None = None) -> list[ClaimRow]:
    """Every claim of *explanation* in order; with *only* one verdict, those that decided with it."""
    told = legible(explanation)
    every: list[ClaimRow] = []
    for one in told.filing:
        every += _claims("The filing", one, only)
    for row in told.rows:
        title = f"{row.place}, {row.title}" if row.title else row.place
        for one in row.evidence:
            every += _claims(title, one, only)
    for one in told.total:
        every += _claims("All rows that count", one, only)
    return every


def _claims(place: str, one: Evidence, only: Verdict | None, depth: int = 0) -> Iterator[ClaimRow]:
    if only is not None and one.verdict is not only:
        return
    word, kind = _WORDS[one.verdict]
    parts = [part for part in one.parts if only is None or part.verdict is only]
    yield ClaimRow(
        place=place,
        asked=one.predicate,
        stated="" if parts else one.stated,
        boxes=", ".join(one.boxes),
        footnotes=one.footnotes,
        depth=depth,
        word=word,
        kind=kind,
    )
    for part in parts:
        yield from _claims(place, part, only, depth + 1)
