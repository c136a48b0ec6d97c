"""A vesting schedule in a footnote's words, to days and parts: all of it, or nothing.

The text is read as tokens (parts, days, anniversaries, counts of instalments) between words that do not matter. A
number that fits nowhere, a condition other than staying in service, and parts that are not the whole leave no schedule.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from consumers.matcher.facts.notes import dates, day
from consumers.matcher.facts.schedule_tokens import Token, tokens_of
from consumers.matcher.facts.schedule_words import (
    FRACTIONS,
    MONTHS,
    NUMBERS,
    ORDINALS,
)


@dataclass(frozen=True, slots=True)
class EqualParts:
    """Equal parts, one on each day; *share* is what they make together."""

    share: Fraction
    days: tuple[date, ...]


def schedule(text: str, granted: date | None, total: Decimal | None) -> tuple[EqualParts, ...] | None:
    """What *text* says vests when. *granted*: the day of the grant, *total*: how many it is of; None: unknown.

    None: the text says something else, or not all of it.
    """
    every = tokens_of(text)
    for token in every:
        if token.kind == "base":
            granted = next(dates(token.text), None)
    tokens = [token for token in every if token.kind not in ("base", "aside")]
    try:
        parts = tuple(_Reader(tokens, granted, total).parts())
    except _NoneError:
        return None
    return parts if parts and sum(part.share for part in parts) == 1 else None


class _NoneError(Exception):
    """No schedule, or not all of it."""


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, tokens: list[Token], granted: date | None, total: Decimal | None) -> None:
        self._tokens = tokens
        self._at = 0
        self._granted = granted
        self._total = total
        self._done = Fraction(0)
        self._last: date | None = None

    def parts(self) -> Iterator[EqualParts]:
        """Every part; raises _NoneError where a token fits nowhere."""
        over = self._take("over")  # "vests over four years: 25% on ..." says what the rest says, too
        while self._at < len(self._tokens):
            part = self._part(over)
            over = None
            self._done += part.share
            self._last = part.days[-1]
            yield part

    def _part(self, over: str | None) -> EqualParts:
        self._take("full")
        rest = self._take("rest") is not None
        share, each = self._share(rest)
        period, count = None, None
        if self._next() == "each" and self._next(1) == "every":
            self._take("each")
        spread = self._take("ratably") is not None
        while (kind := self._next()) in ("equal", "over", "every", "ratably"):
            text = self._take(kind) or ""
            spread = True
            if kind == "over":
                over = text
            period = period or (None if kind in ("over", "ratably") else _months(text))
            count = count or (_number(text) if kind == "equal" else None)
        after = self._take("then") is not None
        if spread and share is not None and share < 1 - self._done and count is None and over is None:
            count = _whole((1 - self._done) / share)  # "1/48th monthly thereafter"
            share = 1 - self._done
        elif spread:
            share = 1 - self._done if share is None else share
            if count is None and over is not None:
                period = period or (12 if "year" in over else None)
                count = _whole(Fraction(_number(over) or 0) * _months_in(over) / period) if period else None
            if count is None and self._next() not in ("day", "anniversaries", "each"):
                raise _NoneError
        part = self._placed(share, each, period, count, after=after or (spread and self._last is not None))
        if len(part.days) > 1 and share is None and not spread:
            raise _NoneError  # "on March 1, 2026 and March 1, 2027": how much on each?
        return part

    def _share(self, rest: bool) -> tuple[Fraction | None, bool]:
        """What the part is of the whole, and whether it is that on each of several days."""
        each = self._take("each") is not None
        kind = self._next()
        share = None
        if kind in ("percent", "fraction", "count"):
            share = _fraction(kind, self._take(kind) or "", self._total)
        if rest and share is not None and share != 1 - self._done:
            each = True  # "the remaining shares at 25% on each ..."
        if rest and share is None:
            share = 1 - self._done
        return share, each

    def _placed(
        self, share: Fraction | None, each: bool, period: int | None, count: int | None, *, after: bool
    ) -> EqualParts:
        begins = self._take("begin") is not None
        starts = self._take("from") is not None
        each = self._take("each") is not None or each
        days = self._days(period, count, begins=begins, starts=starts, after=after)
        after = self._take("then") is not None
        if not days or (self._last is not None and days[0] <= self._last) or list(days) != sorted(set(days)):
            raise _NoneError
        left = 1 - self._done
        if share is None:
            share = left
        if share <= 0:
            raise _NoneError
        if count is None and len(days) > 1 and (each or share * len(days) <= left):
            share *= len(days)
        if self._take("end") is not None:
            self._take("full")
            if _day(self._take("day")) != days[-1]:
                raise _NoneError
        return EqualParts(share, days)

    def _days(
        self, period: int | None, count: int | None, *, begins: bool, starts: bool, after: bool
    ) -> tuple[date, ...]:
        kind = self._next()
        if kind == "end" and count is not None and period is not None and not after:
            self._take("end")
            return tuple(reversed(_series(_day(self._take("day")), -period, count)))
        if kind == "day":
            return self._listed(period, count, starts=starts)
        if kind in ("anniversary", "anniversaries"):
            return self._anniversaries(period, count, begins=begins)
        if kind == "within" and (count is None or begins):
            text = self._take("within") or ""
            if self._take("granted") is None:
                raise _NoneError
            return _series(_later(self._base(), (_number(text) or 0) * _months_in(text)), period or 12, count or 1)
        if kind == "granted" and period and count:
            self._take("granted")
            return _series(_later(self._base(), period), period, count)
        if after and self._last is not None and period and count:
            return _series(_later(self._last, period), period, count)
        raise _NoneError

    def _listed(self, period: int | None, count: int | None, *, starts: bool) -> tuple[date, ...]:
        days = []
        while self._next() == "day":
            days.append(_day(self._take("day")))
        if len(days) > 1 or count in (None, 1):
            if count not in (None, len(days)):
                raise _NoneError
            return tuple(days)
        if period is None:
            raise _NoneError
        return _series(_later(days[0], period) if starts else days[0], period, count)

    def _anniversaries(self, period: int | None, count: int | None, *, begins: bool) -> tuple[date, ...]:
        kind = self._next() or ""
        text = self._take(kind) or ""
        granted = self._take("granted") is not None
        base = self._base() if granted or self._next() != "day" else None
        if self._next() == "day" and (base is None or _day(self._tokens[self._at].text) == base):
            base = _day(self._take("day"))
        if base is None:
            raise _NoneError
        number = _number(text) or 1
        if kind == "anniversaries" or (text == "anniversary" and count is not None):
            count = count or _number(text.replace("first", ""))
            if count is None:
                raise _NoneError
            return _series(_later(base, period or 12), period or 12, count)
        if count is None:
            return (_later(base, 12 * number),)
        if not begins and period != 12:
            raise _NoneError
        return _series(_later(base, 12 * number), period or 12, count)

    def _base(self) -> date:
        if self._granted is None:
            raise _NoneError
        return self._granted

    def _next(self, ahead: int = 0) -> str | None:
        return self._tokens[self._at + ahead].kind if self._at + ahead < len(self._tokens) else None

    def _take(self, kind: str) -> str | None:
        if self._next() != kind:
            return None
        self._at += 1
        return self._tokens[self._at - 1].text


def _day(text: str | None) -> date:
    found = None if text is None else day(text)
    if found is None:
        raise _NoneError
    return found


def _series(first: date, months: int, count: int) -> tuple[date, ...]:
    return tuple(_later(first, months * number) for number in range(count))


def _later(start: date, months: int) -> date:
    """*start* so many months later, on the same day of the month, or on the last if there is none."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for last in (start.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(start.day, last))
        except ValueError:
            continue
    raise _NoneError


def _months(text: str) -> int | None:
    return next((MONTHS[word] for word in re.findall(r"[a-z-]+", text) if word in MONTHS), None)


def _months_in(over: str) -> int:
    return 12 if "year" in over else 3 if "quarter" in over else 1


def _number(text: str) -> int | None:
    for word in re.findall(r"\d+|[a-z]+(?:-[a-z]+)?", text):
        plainly = word.removesuffix("-year").removesuffix("-month")
        if word.isdecimal():
            return int(word)
        if plainly in NUMBERS or plainly in ORDINALS:
            return NUMBERS.get(plainly) or ORDINALS[plainly]
    return None


def _whole(number: Fraction) -> int:
    if number.denominator != 1 or not 1 <= number <= 120:
        raise _NoneError
    return int(number)


def _fraction(kind: str, text: str, total: Decimal | None) -> Fraction:
    if kind == "count":
        number = Fraction(re.sub(r"[^\d]", "", text))
        if not total or number > Fraction(total):
            raise _NoneError
        return number / Fraction(total)
    if kind == "percent":
        whole, *rest = re.findall(r"\d+/\d+|[\d.]+", text)
        return (Fraction(whole) + sum(map(Fraction, rest))) / 100
    if "/" in text:
        return Fraction(re.sub(r"[a-z]", "", text))
    words = re.findall(r"[a-z]+", text)
    below = FRACTIONS.get(words[1]) or FRACTIONS[words[1].removesuffix("s")]
    return Fraction(NUMBERS[words[0]], below)
