"""What happens to channels and rules, by chance: settings, alerts, silences, outages, and people who switch."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.kit.receiver import SECRET

DAYS = 8
TICKERS = tuple(f"T{letter}" for letter in "ABCDEFGHIJ")

_ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo", "UTC")
_DAY = timedelta(days=1)
_PER_RULE = 10  # channels
_GONE = 410


@dataclass(frozen=True, slots=True)
class AChannel:
    """A channel, and how its receiver and the people behind it behave."""

    name: str
    section: Mapping[str, Any]
    failing: tuple[tuple[datetime, datetime, int], ...]  # from, until, status
    disabled: tuple[datetime, datetime] | None
    loses: datetime | None  # from then on it has no digest any more; None: it keeps what it has

    def status(self, at: datetime) -> int:
        """What its receiver answers at *at*."""
        return next((status for start, end, status in self.failing if start <= at < end), 200)

    def enabled(self, at: datetime) -> bool:
        """Whether nobody has disabled it."""
        return self.disabled is None or not self.disabled[0] <= at < self.disabled[1]


@dataclass(frozen=True, slots=True)
class ARule:
    """A rule, by number: its channels, and when it rings, for which ticker."""

    number: int
    urgent: bool
    channels: Sequence[AChannel]
    rings: Sequence[tuple[datetime, str]]


@dataclass(frozen=True, slots=True)
class ASilence:
    """Somebody silences a rule, or a ticker of all."""

    start: datetime
    end: datetime
    rule: int | None = None
    ticker: str | None = None


@dataclass(slots=True)
class Plan:
    """All of it."""

    start: datetime
    end: datetime
    channels: list[AChannel] = field(default_factory=list)
    rules: list[ARule] = field(default_factory=list)
    silences: list[ASilence] = field(default_factory=list)


def a_plan(count: int, start: datetime, chance: random.Random) -> Plan:
    """For *count* channels, from *start* on."""
    made = Plan(start, start + DAYS * _DAY)
    made.channels = [_channel(f"c{number}", start, chance) for number in range(count)]
    for number in range(0, count, _PER_RULE):
        to = made.channels[number : number + _PER_RULE]
        made.rules.append(ARule(number, chance.random() < 0.1, to, sorted(_rings(start, chance))))
    for rule in made.rules:
        if chance.random() < 0.5:  # while something of it may wait
            begin = chance.choice(rule.rings)[0] + _DAY * chance.uniform(0, 0.2)
            made.silences.append(ASilence(begin, begin + _DAY * chance.uniform(0.05, 2), rule=rule.number))
    for ticker in chance.sample(TICKERS, 2):
        begin = start + DAYS * _DAY * chance.random()
        made.silences.append(ASilence(begin, begin + _DAY * chance.random(), ticker=ticker))
    return made


def _channel(name: str, start: datetime, chance: random.Random) -> AChannel:
    kind = {"type": "slack", "pace_seconds": 0} if chance.random() < 0.5 else {"type": "webhook", "secrets": SECRET}
    section = {"url": f"http://127.0.0.1:9/{name}", **kind, **_settings(chance)}
    days = DAYS * _DAY
    failing = []
    if chance.random() < 0.3:
        since = start + days * chance.random()
        failing.append((since, since + _DAY * chance.uniform(0.01, 1.5), chance.choice((429, 500, 503))))
    if chance.random() < 0.03 and kind["type"] == "webhook":
        failing.append((start + days * chance.random(), datetime.max.replace(tzinfo=start.tzinfo), _GONE))
    off = start + days * chance.random()
    disabled = (off, off + _DAY * chance.uniform(0.1, 30)) if chance.random() < 0.1 else None
    if disabled is not None and disabled[1] > start + days + _DAY:  # in time to be told everything, or not at all
        disabled = off, off + 100 * _DAY
    loses = start + days * chance.random() if chance.random() < 0.05 else None
    return AChannel(name, section, tuple(failing), disabled, loses)


def _settings(chance: random.Random) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    if chance.random() < 0.5:
        start, lasts = chance.randrange(48), chance.randint(1, 40)  # half hours: a look each hour finds it awake
        hours = (f"{half // 2 % 24:02}:{half % 2 * 30:02}" for half in (start, start + lasts))
        found["quiet"] = f"{'-'.join(hours)} {chance.choice(_ZONES)}"
    if chance.random() < 0.4:
        times = ", ".join(
            f"{chance.randrange(24)}:{chance.choice((0, 15, 30)):02}" for _ in range(chance.choice((1, 2)))
        )
        days = chance.choice(("daily", "weekdays", "weekends", "sun", "mon, thu"))
        found["digest"] = f"{times} {days} {chance.choice(_ZONES)}"
        found["digest_when_empty"] = chance.random() < 0.3
    if chance.random() < 0.4:
        found["max_per_hour"] = chance.randint(1, 5)
    return found


def _rings(start: datetime, chance: random.Random) -> Iterator[tuple[datetime, str]]:
    for _ in range(chance.randint(1, 4)):  # by themselves, and as bursts
        at = start + DAYS * _DAY * chance.random()
        for _ in range(chance.choice((1, 1, 2, 8))):
            at += timedelta(seconds=chance.uniform(0, 90))
            yield at, chance.choice(TICKERS)
