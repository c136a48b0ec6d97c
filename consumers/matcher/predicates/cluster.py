"""``cluster``: several insiders of the issuer do the same within some days, and this filing makes them so many."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from consumers.language.fields import closed, given
from consumers.language.sections import Section, several
from consumers.matcher.cluster import Clustered, Insider, clustered, deed
from consumers.matcher.facts.boxes import source
from consumers.matcher.facts.past import NOT_LOOKED_AT
from consumers.matcher.predicates.predicate import ClaimType, Level, Predicate, Stated
from consumers.matcher.subject import Subject
from service.model.fact import Fact, MeasureSource, Verdict
from service.model.filing import Accession
from service.model.ownership import Box
from service.model.rule import Cluster, Tick, Way
from service.text import one_line
from service.words import counted

LONGEST = 90  # days
_FEWEST, _MOST = 2, 50  # insiders
_SHOWN = 5  # of an insider's filings, and owners
_DAYS = re.compile(r"(\d{1,3})\s*(d|days?|w|weeks?)?", re.IGNORECASE)
_WEEK = 7
_EXAMPLE = "insiders: 3, within: 10d"
_SAID = {"purchase": "buy", "purchases": "buy", "bought": "buy", "sale": "sell", "sales": "sell", "sold": "sell"}
_DONE = {Way.BUY: "bought", Way.SELL: "sold"}
_WHOLE = re.compile(r"[0-9]{1,4}")


def _number(value: Any) -> int:
    text = str(given(value)).strip()
    if isinstance(value, bool) or not _WHOLE.fullmatch(text):
        raise ValueError("a whole number must stand here, such as 3")
    return int(text)


def _days(value: Any) -> int:
    match = _DAYS.fullmatch(str(given(value)).strip())
    days = int(match[1]) * (_WEEK if (match[2] or "d").lower().startswith("w") else 1) if match else 0
    if not 1 <= days <= LONGEST:
        raise ValueError(f"one to {LONGEST} days must stand here, such as 10d")
    return days


_Tick = Annotated[Tick, BeforeValidator(closed(Tick, "role of box 5"))]
_Ticks = Annotated[list[_Tick], several("role", "ten-percent-owner")]


class ClusterSection(Section):
    """What stands below ``cluster``."""

    called = "cluster"
    everyday: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("count", "people", "owners", "number", "min", "at_least"), "write insiders"),
        **dict.fromkeys(("days", "window", "in", "during", "period"), "write within, such as within: 10d"),
        **dict.fromkeys(("kind", "kinds", "side", "way", "what"), "write direction: buy, or direction: sell"),
        **dict.fromkeys(("without", "except", "not"), "write exclude"),
    }

    insiders: Annotated[int, PlainValidator(_number)]
    within_: Annotated[int, PlainValidator(_days)] = Field(alias="within")
    direction: Annotated[Way, BeforeValidator(closed(Way, "direction", _SAID))] = Way.BUY
    officers: Annotated[int, PlainValidator(_number)] = 0
    exclude: _Ticks = Field(default_factory=list)

    @model_validator(mode="after")
    def _possible(self) -> "ClusterSection":
        if not _FEWEST <= self.insiders <= _MOST:
            raise ValueError(f"insiders must be {_FEWEST} to {_MOST}")
        if self.officers > self.insiders:
            raise ValueError(f"{self.officers} officers are more than {counted(self.insiders, 'insider')}")
        if self.officers and Tick.OFFICER in self.exclude:
            raise ValueError("officers are asked for and left out")
        return self


def _read(value: Any) -> Any:
    """Settings, or the same in one line."""
    if isinstance(given(value), Mapping):
        return value
    parts = [part.partition(":") for part in str(value).strip().strip("{}").split(",")]
    if any(not colon or not key.strip() or not said.strip() for key, colon, said in parts):
        raise ValueError(f"settings must stand here, such as {{{_EXAMPLE}}}")
    settings: dict[str, Any] = {key.strip(): said.strip() for key, _, said in parts}
    if isinstance(left_out := settings.get("exclude"), str):
        settings["exclude"] = [one.strip() for one in left_out.split(" and ")]
    return settings


def _cluster(entry: ClusterSection) -> Cluster:
    return Cluster(
        insiders=entry.insiders,
        within=entry.within_,
        direction=entry.direction,
        officers=entry.officers,
        exclude=tuple(sorted(set(entry.exclude), key=list(Tick).index)),
    )


def _predicate(asked: Cluster) -> Predicate:
    """True for each such row of the filing that makes the cluster, or brings another insider to it."""

    def found(subject: Subject) -> Clustered | None:
        if subject.around is None or subject.past is None:
            return None
        if asked not in subject.known:
            subject.known[asked] = clustered(asked, subject.around, subject.past.complete)
        known: Clustered = subject.known[asked]
        return known

    def test(subject: Subject, row: Fact) -> Verdict:
        does = deed(row.transaction, asked.direction)
        if does is Verdict.FALSE:
            return does
        cluster = found(subject)
        if cluster is None or cluster.verdict is Verdict.UNKNOWN:
            return Verdict.UNKNOWN
        return cluster.verdict if cluster.verdict is Verdict.FALSE else does

    def stated(subject: Subject, row: Fact) -> Stated:
        return _stated(asked, subject, row, found(subject)), _sources(row)

    return Predicate(level=Level.ROW, text=_text(asked), test=test, stated=stated, filings=_filings(found))


def _sources(row: Fact) -> tuple[MeasureSource, ...]:
    return source(row, Box("transaction_code")), source(row, Box("transaction_acquired_disposed_code"))


def _filings(found: Callable[[Subject], Clustered | None]) -> Callable[[Subject, Fact], tuple[Accession, ...]]:
    def filings(subject: Subject, _: Fact) -> tuple[Accession, ...]:
        cluster = found(subject)
        every = [] if cluster is None else [past for one in cluster.insiders for past in one.filings]
        return tuple(past.accession for past in sorted(every, key=lambda past: (past.known, past.accession)))

    return filings


def _stated(asked: Cluster, subject: Subject, row: Fact, cluster: Clustered | None) -> str:
    does = deed(row.transaction, asked.direction)
    if does is Verdict.FALSE:
        return f"the row is no {'purchase' if asked.direction is Way.BUY else 'sale'}"
    if cluster is None or subject.past is None:
        return NOT_LOOKED_AT
    return "; ".join((_people(asked, cluster), *_besides(asked, subject, cluster, does)))


def _people(asked: Cluster, cluster: Clustered) -> str:
    """Who is in it, by which filings."""
    sure = [one for one in cluster.insiders if one.counts is Verdict.TRUE]
    officers = sum(one.officer is Verdict.TRUE for one in sure)
    of = f", {counted(officers, 'officer')}" if asked.officers else ""
    told = f"{counted(len(sure), 'insider')}{of} {_DONE[asked.direction]} in filings since {cluster.since}"
    return f"{told}: {', '.join(map(_person, sure))}" if sure else told


def _person(one: Insider) -> str:
    names = [one_line(owner.rpt_owner_name or f"CIK {owner.rpt_owner_cik}") for owner in one.owners]
    return f"{_some(names, ' and ')} ({_some(one.accessions, ', ')})"


def _some(every: Sequence[str], joint: str) -> str:
    more = len(every) - _SHOWN
    return joint.join(every) if more <= 0 else f"{joint.join(every[:_SHOWN])}{joint}{more} more"


def _besides(asked: Cluster, subject: Subject, cluster: Clustered, does: Verdict) -> Iterator[str]:
    """Why it is not met, or unknown, where numbers do not say it."""
    for one in cluster.insiders:
        if one.counts is Verdict.UNKNOWN:
            yield f"whether {_person(one)} counts cannot be told"
    if does is Verdict.UNKNOWN:
        yield "code and box of this row contradict each other"
    complete = None if subject.past is None else subject.past.complete
    if complete is None:
        yield "the past is not complete from any day on yet"
    elif complete > cluster.since:
        first = complete + timedelta(days=asked.within)
        yield f"the past is complete from {complete} on only; known for filings from {first}"
    elif cluster.verdict is Verdict.FALSE and cluster.enough:
        yield "this filing is by nobody who counts" if cluster.mine is None else "it was complete before this filing"


def _text(asked: Cluster) -> str:
    besides = [counted(asked.officers, "officer")] if asked.officers else []
    besides += [f"no {' or '.join(asked.exclude)}"] if asked.exclude else []
    done = f"{counted(asked.insiders, 'insider')} {asked.direction} within {counted(asked.within, 'day')}"
    return f"cluster: {done} ({', '.join(besides)})" if besides else f"cluster: {done}"


_OPTIONAL: Mapping[str, Any] = {
    "direction": {"enum": list(Way)},
    "officers": {"type": ["integer", "string"], "description": "At least so many of them are officers."},
    "exclude": {
        "anyOf": [{"enum": list(Tick)}, {"type": "array", "items": {"enum": list(Tick)}, "minItems": 1}],
        "description": "Who is any of these does not count.",
    },
}
_SCHEMA = {
    "description": "Several insiders do the same within some days, and this filing completes that or brings another.",
    "examples": [_EXAMPLE],
    "anyOf": [
        {
            "type": "object",
            "properties": {
                "insiders": {"type": ["integer", "string"], "description": f"At least so many, {_FEWEST} to {_MOST}."},
                "within": {"type": ["integer", "string"], "description": f"Days, up to {LONGEST}: 10d, or 2 weeks."},
                **_OPTIONAL,
            },
            "required": ["insiders", "within"],
            "additionalProperties": False,
        },
        {"type": "string"},
    ],
}

CLUSTER = ClaimType(
    key="cluster",
    field=Annotated[
        Annotated[ClusterSection, AfterValidator(_cluster)] | None, BeforeValidator(_read), WithJsonSchema(_SCHEMA)
    ],
    predicate=_predicate,
    section=ClusterSection,
)
