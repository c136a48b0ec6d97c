"""The keys of a rule, and of the groups within it: one for each predicate, and those that join them."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, create_model

from consumers.language.fields import closed, given
from consumers.language.possible import follows, never_met
from consumers.language.sections import ChannelNames, OrOne, Section, several
from consumers.matcher.predicates import PREDICATES
from service.model.errors import Fault
from service.model.rate import MOST_AN_HOUR
from service.model.rule import All, AnyOf, Claim, Condition, Not, Per, Priority, Tree, Watchlist

Path = tuple[str | int, ...]


def _groups(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) < 2:  # one alone would be no choice
        raise ValueError("two or more groups stand here, each with a '-' before its keys: one of them is enough")
    return value


def _negated(value: Any) -> list[Any]:
    given(value)
    return value if isinstance(value, list) else [value]


class _Joining(Section):
    """What joins claims."""

    called = "a group"
    everyday = MappingProxyType(
        {
            **dict.fromkeys(("or", "either", "any", "one_of"), "write any_of"),
            **dict.fromkeys(("and", "all", "all_of", "both"), "all of its keys must hold as it is"),
            **dict.fromkeys(("except", "unless", "none_of", "without"), "write not, or exclude with a watchlist"),
            **dict.fromkeys(("if", "where", "expr", "expression", "condition", "cel", "filter"), "write when"),
            **dict.fromkeys(
                ("ticker", "tickers", "symbol", "symbols", "issuer", "company", "cik", "owner", "name"),
                "name companies and persons in a watchlist, and write watchlist",
            ),
            **dict.fromkeys(("title", "position", "officer"), "write roles"),
            **dict.fromkeys(("amount", "worth", "size", "dollars", "usd"), "write value, or shares"),
            **dict.fromkeys(("code", "type", "event", "action"), "write kinds, or transaction_code"),
            **dict.fromkeys(("notify", "to", "send", "alert"), "write channels"),
            **dict.fromkeys(("urgent", "important", "severity"), "write priority: urgent"),
            **dict.fromkeys(("sum", "total", "group_by"), "write per: filing, or per: day"),
            **dict.fromkeys(("description", "per", "priority", "channels"), "it stands beside 'any_of' and 'not'"),
        }
    )

    any_of: Annotated[list["Group"] | None, BeforeValidator(_groups)] = Field(
        default=None, description="Groups of which one is enough.", json_schema_extra={"minItems": 2}
    )
    not_: Annotated[list["Group"] | None, OrOne(_negated)] = Field(
        default=None, alias="not", description="What must not all be true; of several groups, none."
    )

    @classmethod
    def keys(cls) -> list[str]:
        """Those that claim something, and those that join them."""
        return [*PREDICATES, *JOINING]


JOINING = ("any_of", "not")
"""The keys behind which groups stand."""

_CLAIMS: dict[str, Any] = {key: (claim.field, None) for key, claim in PREDICATES.items()}

if TYPE_CHECKING:
    Group = _Joining
else:
    Group = create_model("Group", __base__=_Joining, __doc__="Claims that must all be true.", **_CLAIMS)
    Group.model_rebuild(_types_namespace={"Group": Group})


def _several_per(values: list[Per]) -> list[Per]:
    if {Per.FILING, Per.DAY} <= set(values):
        raise ValueError("sums are over the filing or over each day, not both")
    return values


_EVERYDAY = {
    **dict.fromkeys(("transaction", "line", "trade"), "row"),
    **dict.fromkeys(("date", "daily"), "day"),
    **dict.fromkeys(("person", "insider"), "owner"),
    **dict.fromkeys(("total", "sum", "form", "all"), "filing"),
}
_Per = Annotated[
    list[Annotated[Per, BeforeValidator(closed(Per, "way to hold thresholds", _EVERYDAY))]],
    several("way", "filing"),
    AfterValidator(_several_per),
]


_PRIORITIES = {**dict.fromkeys(("high", "critical", "true"), "urgent"), **dict.fromkeys(("low", "default"), "normal")}
_LONGEST_DESCRIPTION = 500  # characters: it stands beside the name, in lists and alerts


def _short(description: str | None, info: ValidationInfo) -> str | None:
    """One that is stored goes on, whatever its length: a rule that rings is not stopped by its description."""
    stored = info.context and info.context.get("stored")
    if description and len(description) > _LONGEST_DESCRIPTION and not stored:
        told = f"a description has at most {_LONGEST_DESCRIPTION} characters, and this has {len(description):,}"
        raise ValueError(told)
    return description


def _unless_urgent(most: int | None, info: ValidationInfo) -> int | None:
    if most is not None and info.data.get("priority") is Priority.URGENT:
        raise ValueError("urgent alerts are never held back: leave out max_per_hour, or priority: urgent")
    return most


class RuleSection(Group):
    """One rule."""

    called = "a rule"
    otherwise = MappingProxyType({"max_per_hour": "leave it out for no limit; to send nothing, disable the rule"})

    description: Annotated[
        str | None,
        AfterValidator(_short),
        Field(description="Shown beside the rule's name.", json_schema_extra={"maxLength": _LONGEST_DESCRIPTION}),
    ] = None
    per: Annotated[_Per, Field(description="Over what thresholds are summed; owner: of one and the same.")] = []
    priority: Annotated[Priority, BeforeValidator(closed(Priority, "priority", _PRIORITIES))] = Priority.NORMAL
    max_per_hour: Annotated[
        int | None,
        Field(
            description="The most alerts in any hour that go by themselves. Further ones are told together.",
            ge=1,
            le=MOST_AN_HOUR,
        ),
        AfterValidator(_unless_urgent),
    ] = None
    channels: ChannelNames

    @classmethod
    def within(cls, place: Path) -> type[Section]:
        """A group, or what stands below a key, where *place* lies in one."""
        claims = (PREDICATES.get(str(step)) for step in place[:-1])
        below = next((claim.section for claim in claims if claim and claim.section), None)
        if below is not None:
            return below
        return Group if len(place) > 1 and place[0] in JOINING else cls

    @classmethod
    def keys(cls) -> list[str]:
        """Those of a group, and whom to tell."""
        return ["description", *super().keys(), "per", "priority", "max_per_hour", "channels"]


_MOST = 100  # groups of a rule: more are rules of their own, which are found without asking each


def condition(entry: RuleSection, lists: Mapping[str, Watchlist]) -> tuple[Condition, list[Fault]]:
    """What *entry* asks for, and what of that can never be met, with the path from *entry*."""
    per = next((one for one in entry.per if one in (Per.FILING, Per.DAY)), Per.ROW)
    summing = per is not Per.ROW
    own = list(_claims(entry, lists))
    totals = tuple(claim for claim in own if summing and PREDICATES[claim.key].total)
    rows = _with_exceptions(claim for claim in own if claim not in totals)
    count = _count(entry)
    if count > _MOST:
        told = f"a rule has at most {_MOST} groups, and this has {count:,}: make several rules of it"
        return Condition(), [Fault((), told)]
    faults = list(_faults(entry, (), (), lists))
    if summing:
        faults += [
            Fault(
                (*path, key),
                f"with 'per: {per}' a sum is over the rows that meet all the rest: {key} must stand beside "
                "'any_of' and 'not', not in them",
            )
            for path, key in _summed_within(entry)
        ]
    made = Condition(
        rows=All((*rows, *_joined(entry, lists))),
        totals=totals,
        per=per,
        one_owner=Per.OWNER in entry.per,
    )
    return made, faults


_ORDER = {key: place for place, key in enumerate(PREDICATES)}


def _claims(entry: _Joining, lists: Mapping[str, Watchlist]) -> Iterator[Claim]:
    """The claims of *entry* itself."""
    for key in sorted(entry.model_fields_set & PREDICATES.keys(), key=_ORDER.__getitem__):
        asked = getattr(entry, key)
        if asked is not None:
            yield Claim(key, tuple(lists[name] for name in asked) if key in WATCHLISTS else asked)


WATCHLISTS = frozenset({"watchlist", "exclude"})
"""The keys behind which names of watchlists stand."""


def _with_exceptions(claims: Iterable[Claim]) -> Iterator[Tree]:
    """*claims*, in which no watchlist means whom it leaves out."""
    for claim in claims:
        every = [one for one in claim.asked if isinstance(one, Watchlist)] if isinstance(claim.asked, tuple) else []
        with_exceptions = [one for one in every if one.left_out is not None]
        plain = tuple(one for one in every if one.left_out is None)
        if not with_exceptions:
            yield claim
        elif claim.key == "exclude":
            yield from [Claim("exclude", plain)] if plain else []
            yield from (AnyOf((Claim("exclude", (one,)), _left_out("watchlist", one))) for one in with_exceptions)
        elif len(every) == 1:
            yield from (claim, _left_out("exclude", every[0]))
        else:
            some = [All((Claim("watchlist", (one,)), _left_out("exclude", one))) for one in with_exceptions]
            yield AnyOf((*([Claim("watchlist", plain)] if plain else []), *some))


def _left_out(key: str, watchlist: Watchlist) -> Claim:
    return Claim(key, (watchlist.left_out,) if watchlist.left_out else ())


def _joined(entry: _Joining, lists: Mapping[str, Watchlist]) -> Iterator[Tree]:
    if entry.any_of is not None:
        yield AnyOf(tuple(_tree(group, lists) for group in entry.any_of))
    for group in entry.not_ or ():
        yield Not(_tree(group, lists))


def _tree(entry: _Joining, lists: Mapping[str, Watchlist]) -> Tree:
    parts = (*_with_exceptions(_claims(entry, lists)), *_joined(entry, lists))
    return parts[0] if len(parts) == 1 else All(parts)


def _within(entry: _Joining) -> Iterator[tuple[Path, _Joining, bool]]:
    """The groups directly within *entry*, each with its path and whether it is negated."""
    for number, group in enumerate(entry.any_of or ()):
        yield ("any_of", number), group, False
    for number, group in enumerate(entry.not_ or ()):
        yield ("not", number), group, True


def _count(entry: _Joining) -> int:
    """How many groups are within *entry*, and within those."""
    return sum(1 + _count(group) for _, group, _ in _within(entry))


def _faults(entry: _Joining, path: Path, beside: tuple[Claim, ...], lists: Mapping[str, Watchlist]) -> Iterator[Fault]:
    """What of *entry* can never be met, or asks for nothing; *beside*: what must be true with it."""
    own = tuple(_claims(entry, lists))
    if path and not own and entry.any_of is None and entry.not_ is None:
        yield Fault(path, "this group asks for nothing; every group needs a key")
    yield from (Fault((*path, key), why) for key, why in never_met(own, beside))
    for step, group, negated in _within(entry):
        if negated and _follows(group, (*beside, *own), lists):
            told = "this can never be met: what meets the rest of the rule always meets this, too"
            yield Fault((*path, *step), told)
        yield from _faults(group, (*path, *step), () if negated else (*beside, *own), lists)


def _follows(group: _Joining, known: tuple[Claim, ...], lists: Mapping[str, Watchlist]) -> bool:
    """Whether *group*, in which no other group stands, is true wherever the claims *known* are."""
    claims = list(_claims(group, lists))
    plain = group.any_of is None and group.not_ is None
    return plain and bool(claims) and all(follows(one, known) for one in claims)


def _summed_within(entry: _Joining, path: Path = ()) -> Iterator[tuple[Path, str]]:
    for step, group, _ in _within(entry):
        at = (*path, *step)
        yield from ((at, key) for key, claim in PREDICATES.items() if claim.total and getattr(group, key) is not None)
        yield from _summed_within(group, at)
