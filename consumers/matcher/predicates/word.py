"""Facts in closed words, such as ``roles`` and ``ownership``: one of those asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from consumers.language.fields import one_of
from consumers.matcher.facts.fact import FactType, Partial, Type
from consumers.matcher.facts.registry import FACTS
from consumers.matcher.predicates.predicate import ClaimType, Predicate, Stated
from consumers.matcher.predicates.said import applies, because, boxes_of, level_of, of_owners, once, unknown
from consumers.matcher.subject import Subject
from service.model.fact import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saying:
    """How people speak of a fact; None: by its name."""

    key: str | None = None
    what: str | None = None  # one of its words
    claim: str | None = None  # before the words asked for
    none: str = "not stated"
    any_case: bool = False  # whether capitals are read too: they were in earlier versions
    said: Mapping[str, str] = field(default_factory=dict)  # what is written for some of its words


_SAYINGS = {
    "role": _Saying(
        key="roles",
        claim="an owner is",
        none="no role ticked",
        said={
            "chairman": "chair",
            "chief executive officer": "ceo",
            "chief financial officer": "cfo",
            "gc": "general-counsel",
            "general counsel": "general-counsel",
            "vp": "vice-president",
            "10%": "ten-percent-owner",
            "10% owner": "ten-percent-owner",
            "10 percent owner": "ten-percent-owner",
        },
    ),
    "direction": _Saying(
        said={
            **dict.fromkeys(("bought", "buys", "purchase", "in"), "buy"),
            **dict.fromkeys(("sold", "sells", "sale", "out"), "sell"),
        }
    ),
    "plan": _Saying(
        said={**dict.fromkeys(("yes", "true", "10b5-1"), "plan"), **dict.fromkeys(("no", "false"), "none")}
    ),
    "flags": _Saying(claim="a flag is", none="none"),
    "ownership": _Saying(any_case=True, said={"d": "direct", "i": "indirect"}),
}
_PLAIN = _Saying()


def _claim(fact: FactType, words: type[StrEnum]) -> ClaimType:
    saying = _SAYINGS.get(fact.name, _PLAIN)

    def stated(subject: Subject, row: Any) -> Stated:
        found = fact.of(subject, row)
        every = sorted(map(str, found)) if isinstance(found, frozenset) else [str(found)] if found else []
        if isinstance(found, Partial):
            every.append("and what is not stated")
        if found is None and fact.unknown and applies(fact, subject, row):
            every.append(unknown(fact, subject, row))
        told = ", ".join(every) or saying.none
        return told if found is None else f"{told}{because(fact, subject, row)}", boxes_of(fact, row)

    said = once(fact.name, stated)

    def predicate(asked: tuple[StrEnum, ...]) -> Predicate:
        """True where the fact is, or has, one of the words *asked* for."""
        wanted, read = frozenset(asked), fact.reader

        def test(subject: Subject, row: Any) -> Verdict:
            found = read(subject, row)
            if isinstance(found, Partial) and wanted.isdisjoint(found) and not wanted.isdisjoint(found.missing):
                return Verdict.UNKNOWN
            if isinstance(found, frozenset):
                return Verdict.of(not wanted.isdisjoint(found))
            if found is None:
                return Verdict.UNKNOWN if applies(fact, subject, row) else Verdict.FALSE
            return Verdict.of(found in wanted)

        claim = saying.claim or f"{fact.name} is"
        return Predicate(
            level=level_of(fact),
            of_owners=of_owners(fact),
            text=f"{claim} {' or '.join(asked)}",
            test=test,
            stated=said,
        )

    name = fact.name.removesuffix("s") if fact.type is Type.WORDS else fact.name
    what = saying.what or name.replace("_", " ")
    return ClaimType(
        key=saying.key or fact.name,
        field=one_of(words, what, next(iter(words)).value, saying.said, fact.meaning, any_case=saying.any_case),
        predicate=predicate,
    )


WORDS = tuple(
    _claim(fact, fact.words) for fact in FACTS.values() if fact.type in (Type.WORD, Type.WORDS) and fact.words
)
