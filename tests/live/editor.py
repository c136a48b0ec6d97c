"""Somebody who changes rules all the time, and remembers what stood at which revision."""

import random
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime

from msgspec import Struct

from service.model.resource import Resource
from tests.control.desk import CHANNEL, RULE, Desk
from tests.kit.filings import now
from tests.kit.receiver import SECRET

CHANNELS = ("first", "second", "third")


class Asked(Struct, frozen=True):
    """What a rule asks for: purchases of so many shares or more."""

    least: int
    channels: tuple[str, ...]


class Editor:
    """Adds, changes, switches and removes rules at random; ``asked`` says what stood, from no table of the service."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self._desk = desk
        self._chance = chance
        self._there: dict[str, Asked] = {}  # by name; None is not among them
        self._off: set[str] = set()
        self._ids: dict[str, str] = {}
        self._made = 0
        self._history: dict[str, list[tuple[int, Asked | None]]] = defaultdict(list)
        self.channels: dict[str, str] = {}  # ids by name
        self.changes: list[tuple[int, datetime]] = []  # every revision that was made, and when it stood

    async def begin(self, url: str) -> None:
        """The channels, which stay, and some rules."""
        for name in CHANNELS:
            made = await self._desk.add(CHANNEL, name, type="webhook", url=f"{url}/{name}", secrets=SECRET)
            self.channels[name] = made.id
        for _ in range(5):
            await self.add()

    async def change(self) -> None:
        """One change."""
        able = [self.add] if len(self._there) < 12 else []
        if self._there:
            able += [self.edit, self.edit, self.switch, self.remove]
        await self._chance.choice(able)()

    async def add(self) -> None:
        """A new rule."""
        self._made += 1
        name, asked = f"rule-{self._made}", self._asked()
        made = await self._desk.add(RULE, name, **_settings(asked))
        self._there[name], self._ids[name] = asked, made.id
        self._stands(made, asked)

    async def edit(self) -> None:
        """Another threshold, other channels."""
        name, asked = self._any(), self._asked()
        made = await self._desk.edit(RULE, name, **_settings(asked))
        self._there[name] = asked
        self._stands(made, None if name in self._off else asked)

    async def switch(self) -> None:
        """Off, or on again."""
        name = self._any()
        on = name in self._off
        made = await self._desk.switch(RULE, name, enabled=on)
        self._off.symmetric_difference_update({name})
        self._stands(made, self._there[name] if on else None)

    async def remove(self) -> None:
        """One is gone."""
        name = self._any()
        made = await self._desk.remove(RULE, name)
        del self._there[name]
        self._off.discard(name)
        self._stands(made, None)

    def standing(self, revision: int) -> dict[str, tuple[int, Asked]]:
        """The enabled rules at *revision*, by id, each with its own revision."""
        found = {}
        for rule, states in self._history.items():
            place = bisect_right(states, revision, key=lambda state: state[0])
            if place and (asked := states[place - 1][1]) is not None:
                found[rule] = states[place - 1][0], asked
        return found

    def _any(self) -> str:
        return self._chance.choice(sorted(self._there))

    def _asked(self) -> Asked:
        told = self._chance.sample(CHANNELS, self._chance.choice([1, 2]))
        return Asked(least=self._chance.randrange(500, 1000), channels=tuple(told))

    def _stands(self, made: Resource, asked: Asked | None) -> None:
        states = self._history[made.id]
        if not states or states[-1][0] != made.revision:  # the same settings again are no change
            states.append((made.revision, asked))
            self.changes.append((made.revision, now()))


def _settings(asked: Asked) -> dict[str, object]:
    return {"kinds": "purchase", "shares": f">= {asked.least}", "channels": list(asked.channels)}
