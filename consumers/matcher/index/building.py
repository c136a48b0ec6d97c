"""Levels of the index, made of rules. A million take a while: it pauses often, so that other threads go on."""

import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from consumers.language.limit import FLOORS
from consumers.matcher.index.level import FREE, Level, Owners
from consumers.matcher.index.parts import Form, Parts, parts_of
from consumers.matcher.index.scope import EVERYWHERE, entries
from consumers.matcher.index.search import Asked, Column, Posting, Stretch
from consumers.matcher.index.texts import Texts
from consumers.matcher.match import CompiledCondition
from consumers.matcher.necessary import asks_holdings, asks_past, days_around, without_past
from service.model.identity import WorkspaceId
from service.model.rule import All, Claim, Comparison, Condition, Per, Rule, Watchlist, kinds_of

_PIECE = 256  # steps without a pause: well under a millisecond

_STRICT = frozenset({Comparison.MORE_THAN, Comparison.LESS_THAN})

T = TypeVar("T")
What = tuple[str, bool, Per | None]
Limit = Decimal | date | None
Scope = tuple[Watchlist, ...]


def paused(many: Iterable[T]) -> Iterator[T]:
    """*many*, with pauses in which other threads get their turn."""
    for number, one in enumerate(many):
        if not number % _PIECE:
            time.sleep(0)
        yield one


class Builder:
    """Takes rules one by one, and keeps none of them."""

    def __init__(self) -> None:
        self._forms: dict[Form, int] = {}
        self._scopes: dict[Scope, int] = {}
        self._limits: list[dict[Limit, int]] = []  # of each form
        self._conditions: dict[tuple[int, int, int], int] = {}  # form, limit, scope
        self._condition_of = array("I")  # of each rule
        self._workspaces: dict[WorkspaceId, int] = {}
        self._asking: list[bool] = []  # of each form: whether it asks what was filed before
        self._past: Builder | None = None
        self._days_around = 0
        self._owners = Owners(
            ids=Texts(), names=Texts(), descriptions=Texts(), revisions=array("q"), workspaces=array("I"), known=[]
        )

    def add(self, rule: Rule) -> None:
        """Take in *rule*."""
        if self._put(parts_of(rule), rule):
            self._past = self._past or Builder()
            self._past.add(msgspec.structs.replace(rule, condition=without_past(rule.condition)))

    def _put(self, taken: Parts, owner: Rule) -> bool:
        """Take it in; returns whether it asks what was filed before."""
        scope = self._scopes.setdefault(taken.scope, len(self._scopes))
        form = self._forms.setdefault(taken.form, len(self._forms))
        if form == len(self._limits):
            self._limits.append({})
            self._asking.append(asks_past(taken.form.rule.condition))
            self._days_around = max(self._days_around, days_around(taken.form.rule.condition))
        limit = self._limits[form].setdefault(taken.limit, len(self._limits[form]))
        condition = self._conditions.setdefault((form, limit, scope), len(self._conditions))
        self._condition_of.append(condition)
        self._own(owner)
        return self._asking[form]

    def _own(self, owner: Rule) -> None:
        owners = self._owners
        owners.ids.add(owner.id.encode())
        owners.names.add(owner.name.encode())
        owners.descriptions.add(b"" if owner.description is None else b"=" + owner.description.encode())
        owners.revisions.append(owner.revision)
        owners.workspaces.append(self._workspaces.setdefault(owner.workspace, len(self._workspaces)))

    def level(self) -> Level:
        """What was taken in."""
        claims: dict[Condition, int] = {}
        asking = {form: tuple(claims.setdefault(one, len(claims)) for one in form.claims) for form in self._forms}
        order = sorted(self._forms, key=lambda form: (asking[form], self._forms[form]))
        inside: list[list[tuple[int, int, int]]] = [[] for _ in self._forms]
        for (place, limit, scope), number in paused(self._conditions.items()):
            inside[place].append((limit, scope, number))
        scopes, renumbered, limits = array("I"), array("I", bytes(4 * len(self._conditions))), []
        for form in order:
            ordered, starts, members = self._ordered(form, inside[self._forms[form]], len(scopes))
            limits.append((ordered, starts))
            for _, scope, number in paused(members):
                renumbered[number] = len(scopes)
                scopes.append(scope)
        stretches = _stretches([(form, asking[form], *limit) for form, limit in zip(order, limits, strict=True)])
        rules_from, rules = self._rules(renumbered)
        return Level(
            claims=[_asked(one) for one in claims],
            stretches=stretches,
            firsts=array("I", [stretch.starts[0] for stretch in stretches]),
            groups=1 + max((stretch.group for stretch in stretches), default=0),
            postings=self._postings(scopes, stretches),
            scopes=scopes,
            watchlists=self._watchlists(),
            rules_from=rules_from,
            rules=rules,
            conditions=array("I", map(renumbered.__getitem__, self._condition_of)),
            owners=msgspec.structs.replace(self._owners, known=list(self._workspaces)),
            slots=_slots(self._owners.ids),
            compiled={},
            holdings=any(asks_holdings(form.rule.condition) for form in paused(self._forms)),
            past=None if self._past is None else self._past.level(),
            days_around=self._days_around,
        )

    def _ordered(
        self, form: Form, members: list[tuple[int, int, int]], start: int
    ) -> "tuple[list[Limit], array[int], list[tuple[int, int, int]]]":
        """The limits of *form* in order, where the conditions of each begin, and the conditions in that order."""
        given = self._limits[self._forms[form]]
        ordered = sorted(given, key=lambda limit: form.turned(limit) or Decimal(0))
        rank = {given[limit]: place for place, limit in enumerate(ordered)}
        by_limit: list[list[tuple[int, int, int]]] = [[] for _ in ordered]
        for member in paused(members):
            by_limit[rank[member[0]]].append(member)
        starts = array("I", [start])
        for group in by_limit:
            starts.append(starts[-1] + len(group))
        return ordered, starts, [member for group in by_limit for member in group]

    def _rules(self, renumbered: "array[int]") -> "tuple[array[int], array[int]]":
        """The rules in the order of their conditions, and where each condition's begin."""
        rules_from = array("I", bytes(4 * (len(renumbered) + 2)))
        for condition in paused(self._condition_of):
            rules_from[renumbered[condition] + 2] += 1
        for place in paused(range(2, len(rules_from))):
            rules_from[place] += rules_from[place - 1]
        rules = array("I", bytes(4 * len(self._condition_of)))
        for rule, condition in paused(enumerate(self._condition_of)):
            number = renumbered[condition] + 1
            rules[rules_from[number]] = rule
            rules_from[number] += 1
        return rules_from[:-1], rules

    def _postings(self, scopes: "array[int]", stretches: list[Stretch]) -> dict[str, Posting]:
        """The conditions by the entries of their watchlists."""
        names = (name for scope in paused(self._scopes) for watchlist in scope for name in watchlist.owner_names)
        seen = Counter(word for name in names for word in name.split())
        found: dict[str, _Gathered] = {EVERYWHERE: _Gathered()}
        leading: list[list[_Gathered]] = []
        for scope in paused(self._scopes):
            named = dict.fromkeys(entries(scope, seen)) if scope else (EVERYWHERE,)
            leading.append([found.setdefault(entry, _Gathered()) for entry in named])
        for place, stretch in enumerate(stretches):
            for condition in paused(range(stretch.starts[0], stretch.starts[-1])):
                for gathered in leading[scopes[condition]]:
                    gathered.add(condition, place)
        return {entry: gathered.posting() for entry, gathered in found.items()}

    def _watchlists(self) -> Texts:
        encoder, texts = msgspec.msgpack.Encoder(), Texts()
        for scope in paused(self._scopes):
            texts.add(encoder.encode(scope))
        return texts


class _Gathered:
    """A posting that is being made."""

    __slots__ = ("_begins", "_last", "_numbers", "_stretches")

    def __init__(self) -> None:
        self._numbers, self._stretches, self._begins = array("I"), array("I"), array("I")
        self._last = -1

    def add(self, condition: int, stretch: int) -> None:
        if stretch != self._last:
            self._last = stretch
            self._stretches.append(stretch)
            self._begins.append(len(self._numbers))
        self._numbers.append(condition)

    def posting(self) -> Posting:
        self._begins.append(len(self._numbers))
        return Posting(numbers=self._numbers, stretches=self._stretches, begins=self._begins)


def _asked(claim: Condition) -> Asked:
    part = claim.rows.of[0] if isinstance(claim.rows, All) else claim.rows
    kinds = kinds_of(part) if isinstance(part, Claim) else ()
    return kinds or CompiledCondition.of(claim)


def _stretches(parts: "list[tuple[Form, tuple[int, ...], list[Limit], array[int]]]") -> list[Stretch]:
    """The stretches that *parts* are, which stand in the order of their claims."""
    made: list[Stretch] = []
    groups: dict[tuple[int, ...], int] = {}
    columns: dict[What, int] = {}
    ends: list[int] = []  # of each claim of the stretch behind: the first one that does not share all up to it
    behind: tuple[int, ...] = ()
    for place, (form, claims, limits, starts) in reversed(list(enumerate(parts))):
        shared = next((at for at, (one, other) in enumerate(zip(claims, behind, strict=False)) if one != other), None)
        shared = min(len(claims), len(behind)) if shared is None else shared
        ends, behind = [*ends[:shared], *[place + 1] * (len(claims) - shared)], claims
        made.append(
            Stretch(
                form=form,
                claims=claims,
                group=groups.setdefault(claims, len(groups)),
                jumps=tuple(ends),
                column=_column(form, columns),
                strict=form.column is not None and form.column.comparison in _STRICT,
                given=limits,
                limits=[turned for limit in limits if (turned := form.turned(limit)) is not None],
                starts=starts,
            )
        )
    return made[::-1]


def _column(form: Form, known: dict[What, int]) -> Column | None:
    if form.column is None:
        return None
    what = (form.column.fact, form.column.comparison in FLOORS, form.rule.condition.per if form.summed else None)
    number = known.setdefault(what, len(known))
    return Column(number=number, fact=what[0], floor=what[1], per=what[2])


def _slots(ids: Texts) -> "array[int]":
    """The rules by the hashes of their ids: half of the slots are free."""
    size = 1 << max(3, (2 * len(ids)).bit_length())
    slots = array("I", [FREE]) * size
    for number, one in paused(enumerate(ids)):
        slot = hash(one.decode())
        while slots[slot & size - 1] != FREE:
            slot += 1
        slots[slot & size - 1] = number
    return slots
