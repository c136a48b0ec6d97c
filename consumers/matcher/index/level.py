"""Some rules, found by what they ask for: made at once, and never changed."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from consumers.matcher.index.parts import Parts
from consumers.matcher.index.scope import EVERYWHERE, looked_up
from consumers.matcher.index.search import Asked, Numbers, Posting, Search, Stretch
from consumers.matcher.index.texts import Texts
from consumers.matcher.match import CompiledRule
from consumers.matcher.subject import Subject
from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.rule import Rule, Watchlist

_watchlists = msgspec.msgpack.Decoder(tuple[Watchlist, ...])

_FEW = 50  # numbers that are looked for one by one

_KEPT = 1_000  # conditions that are kept ready

FREE = 0xFFFF_FFFF  # a slot without a rule


class Owners(Struct, frozen=True, kw_only=True):
    """Whose rules they are, by the rules' numbers: a column for each thing that an alert says of its rule."""

    ids: Texts
    names: Texts
    descriptions: Texts
    revisions: "array[int]"
    workspaces: "array[int]"
    known: Sequence[WorkspaceId]  # the workspaces that the column names

    def of(self, number: int, asked: Rule) -> Rule:
        """The rule that asks for what *asked*, which is nobody's, does."""
        description = self.descriptions[number]
        return replace(
            asked,
            id=RuleId(self.ids[number].decode()),
            workspace=self.known[self.workspaces[number]],
            revision=Revision(self.revisions[number]),
            name=self.names[number].decode(),
            description=description[1:].decode() if description else None,
        )


class Level(Struct, frozen=True, kw_only=True):
    """Rules by what they ask for."""

    claims: Sequence[Asked]
    stretches: Sequence[Stretch]  # in the order of their conditions' numbers
    firsts: Numbers  # the first condition of each stretch
    groups: int  # of stretches with the same claims
    postings: Mapping[str, Posting]
    scopes: Sequence[int]  # of each condition
    watchlists: Texts  # of each scope
    rules_from: Sequence[int]  # of each condition: where its rules stand in the next
    rules: Sequence[int]
    conditions: Sequence[int]  # of each rule
    owners: Owners
    slots: Sequence[int]  # rules by the hashes of their ids
    compiled: dict[int, CompiledRule]  # what asks for conditions, nobody's: the last ones that were held
    days_around: int  # for how long before a filing they ask what others did
    holdings: bool  # whether any of them asks what was held before
    past: "Level | None"  # what those ask for that ask what was filed before, without that; None: none of them does

    def __len__(self) -> int:
        return len(self.rules)

    def found(self, subject: Subject) -> list[Numbers]:
        """The conditions that *subject* meets, or that must be held against it to tell: each once."""
        search = Search(subject, self.claims, self.stretches, self.groups)
        hits = [posting for entry in looked_up(subject) if (posting := self.postings.get(entry))]
        hits.sort(key=lambda posting: len(posting.numbers), reverse=True)
        found: list[Numbers] = []
        for place, posting in enumerate(hits):
            if place and posting.numbers == hits[place - 1].numbers:  # a company's ticker and CIK, as a rule
                continue
            pieces = search.met(posting)
            if found and pieces:  # some watchlists have several entries that lead here
                pieces = [_others(list(chain.from_iterable(pieces)), found, hits[:place])]
            found += pieces
        return found + search.met(self.postings[EVERYWHERE])

    def leads(self, entries: Iterable[str], condition: int) -> bool:
        """Whether *condition* is found under one of *entries*, or everywhere."""
        led = (self.postings.get(entry) for entry in (EVERYWHERE, *entries))
        return any(posting is not None and _holds(posting.numbers, condition) for posting in led)

    def condition(self, number: int) -> Parts:
        """What the condition asks for."""
        stretch = self.stretches[bisect_right(self.firsts, number) - 1]
        limit = stretch.given[bisect_right(stretch.starts, number) - 1]
        return Parts(stretch.form, _watchlists.decode(self.watchlists[self.scopes[number]]), limit)

    def asking(self, number: int) -> CompiledRule:
        """A rule that asks for the condition, nobody's, ready to be held against filings; the last ones are kept so."""
        found = self.compiled.pop(number, None) or CompiledRule.of(self.condition(number).joined())
        if len(self.compiled) >= _KEPT:
            del self.compiled[next(iter(self.compiled))]
        self.compiled[number] = found
        return found

    def rules_of(self, condition: int) -> Numbers:
        """The rules that ask for *condition*."""
        return self.rules[self.rules_from[condition] : self.rules_from[condition + 1]]

    def rule(self, number: int) -> Rule:
        """The rule, without its channels."""
        return self.owners.of(number, self.condition(self.conditions[number]).joined())

    def owner(self, number: int) -> RuleId:
        """Which rule it is."""
        return RuleId(self.owners.ids[number].decode())

    def place(self, rule: RuleId) -> int | None:
        """The number of *rule*; None: it is not here."""
        slot, mask, wanted = hash(rule), len(self.slots) - 1, rule.encode()
        while (number := self.slots[slot & mask]) != FREE:
            if self.owners.ids[number] == wanted:
                return number
            slot += 1
        return None


def _others(numbers: Numbers, found: Iterable[Numbers], larger: Sequence[Posting]) -> Numbers:
    """Those of *numbers* that were not *found* in the *larger* postings."""
    if len(numbers) < _FEW:
        return [one for one in numbers if not any(_holds(posting.numbers, one) for posting in larger)]
    return list(set(numbers).difference(chain.from_iterable(found)))


def _holds(numbers: Numbers, number: int) -> bool:
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number
