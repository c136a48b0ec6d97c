"""Thresholds as people write them, such as ``>= $1.5m``; what can be read in two ways is refused."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from consumers.language.sections import shown
from consumers.matcher.facts.fact import FactType, Type, Unit
from consumers.matcher.facts.registry import FACTS
from consumers.words import money, plain
from service.model.calendar import EDGAR_DAYS
from service.model.rule import Comparison, Threshold

_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}
_MOST = Decimal(10) ** 15  # more than any company has shares, or is worth in US dollars
FLOORS = frozenset({Comparison.AT_LEAST, Comparison.MORE_THAN})

_FORM = re.compile(
    r"(>=|>|<=|<)?\s*(-)?\s*(\$)?\s*([0-9][0-9,._]*(?:e[0-9]{1,2})?)\s*(k|m|bn?)?"
    r"(?:\s*(%|(?:business\s+)?days?|years?|times|x))?",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?:_[0-9]{3})+)(?:\.[0-9]+)?(?:e[0-9]+)?", re.IGNORECASE
)
_EITHER_WAY = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")  # 100.000 is a hundred here and a hundred thousand in Europe
_DAY = re.compile(r"(>=|>|<=|<)?\s*([0-9]{4}-[0-9]{2}-[0-9]{2})")

_DAYS = {"filed_on": EDGAR_DAYS}  # of the other dates, the form takes any
_AMOUNTS = frozenset({Unit.USD, Unit.SHARES, Unit.COUNT})  # what is written in thousands and millions
_BUSINESS = frozenset({"days_late"})  # whose days are business days
_UNITS = {"%": Unit.PERCENT, "day": Unit.DAYS, "year": Unit.YEARS, "time": Unit.TIMES, "x": Unit.TIMES}
_EXAMPLES = {
    Unit.USD: "'>= $500k', '< $2.50' or '>= $1.5m'",
    Unit.DAYS: "'> 2 days'",
    Unit.YEARS: "'< 2 years'",
    Unit.TIMES: "'>= 3 times'",
    Unit.PERCENT: "'>= 10%'",
}

_MEANT = (  # what is written for it elsewhere, in the order in which it is replaced
    (r"[\"'\u2018\u2019\u201c\u201d\u00ab\u00bb](?![0-9])|(?<![0-9])[\"'\u2018\u2019\u201c\u201d\u00ab\u00bb]", ""),
    (r"at least|minimum(?: of)?|min\.?|=>|\u2265", ">="),
    (r"more than|greater than|above|over|exceeding", ">"),
    (r"at most|up to|maximum(?: of)?|max\.?|=<|\u2264", "<="),
    (r"less than|smaller than|below|under", "<"),
    (r"us\s?\$|usd|us dollars?|dollars?", "$"),
    (r"(?<=[0-9 ])(?:millions?|mill?|mio|mln|mm|mn)\b\.?", "m"),
    (r"(?<=[0-9 ])(?:thousands?|tsd)\b\.?", "k"),
    (r"(?<=[0-9 ])(?:billions?|bill?|bln|mrd)\b\.?", "b"),
    (r"(?<=[0-9])[ \u00a0\u202f'\u2019](?=[0-9]{3}(?![0-9]))", ""),
    (r"([0-9][0-9.,]*\s*[kmb]?)\s*\$", r"$\1"),
    (r"(?<=[0-9 ])(?:per ?cent|pct)\b", "%"),
    (r"(?<=[0-9kmbn])\+$", ""),
    (r"(?<=[0-9 ])(?:yrs?|y)\b\.?", "years"),
    (r"(?<=[0-9 ])d\b", "days"),
    (r"\b(?:trading|working)(?= days?)", "business"),
    (r"\b(?:shares|calendar)\b|^(?:==?)", ""),
)
_REFUSED = (  # what no threshold can ask, and what is not written so
    (r"^[\u2018\u201c\u201e\u00ab]", "YAML knows straight quotes only"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]/[0-9]+/", "a number is compared here, not a date"),
    (r"[\u20ac\u00a3\u00a5]|\b(?:eur|gbp|jpy|chf|cad)\b", "amounts are in US dollars, as on the form"),
    (r"[0-9kmb]\s*(?:-|\u2013|\.\.+|to|and|&)\s*[<>$0-9]|[<>].*[0-9].*[<>]", "one comparison stands here, not a range"),
    (r"^==?\s*\$?[0-9]|!=|\u2260", "a threshold is >=, >, <= or <"),
    (r"[0-9][,_'\u2019\s][0-9]|\.[0-9]+\.", "commas separate thousands, in threes, and a point the decimals"),
)


def threshold(fact: FactType, text: str) -> Threshold:
    """``>= $500k`` as a threshold on *fact*; a bare number is a floor. Raises ValueError that says what to write.

    >>> threshold(FACTS["shares"], "100k").limit
    Decimal('100000')
    """
    text = text.strip()
    if not text:
        raise ValueError(f"one threshold must stand here, in quotes, such as {_example(fact)}")
    if fact.type is Type.DATE:
        return _of_date(fact, text)
    match = _FORM.fullmatch(text)
    if match and _EITHER_WAY.fullmatch(match[4]):
        raise ValueError(_either_way(text, match[4], match[5] or ""))
    if not match or not _NUMBER.fullmatch(match[4]) or not _suits(fact, match) or (match[2] and not fact.signed):
        raise ValueError(_no_threshold(fact, text))
    if match[3] and fact.unit is not Unit.USD:
        instead = _instead(fact, text.casefold().replace("$", ""))
        raise ValueError(f"{fact.name} {_counts(fact)}, not US dollars{instead}")
    read = _threshold(fact, *match.group(1, 2, 4, 5))
    _refuse_what_nothing_meets(fact, read)
    return read


def words(threshold: Threshold) -> str:
    """*threshold* with the number that was read: ``exercise_value >= $500,000``."""
    return f"{threshold.fact} {threshold.comparison} {quantity(FACTS[threshold.fact], threshold.limit)}"


def quantity(fact: FactType, value: Decimal | date) -> str:
    """*value* of *fact* as a person writes it: ``$582,000``, ``200,000``, ``2 days``, ``12.5%``, ``2025-03-03``."""
    if isinstance(value, date):
        return value.isoformat()
    number, sign = plain(abs(value)), "-" if value < 0 else ""
    match fact.unit:
        case Unit.USD:
            return f"{sign}{money(abs(value))}"
        case Unit.PERCENT:
            return f"{sign}{number}%"
        case Unit.DAYS | Unit.YEARS:
            business = "business " if fact.name in _BUSINESS else ""
            one = f"{business}{'day' if fact.unit is Unit.DAYS else 'year'}"
            return f"{sign}{number} {one}{'' if number == '1' else 's'}"
        case Unit.TIMES:
            return f"{sign}{number} times"
    return f"{sign}{number}"


def schema(fact: FactType) -> dict[str, Any]:
    """What can be a threshold on *fact*, as JSON Schema, for editors."""
    examples = re.findall(r"'([^']+)'", _example(fact))
    about = {"description": f"{fact.meaning}. A threshold on it.", "examples": examples}
    if fact.type is Type.DATE:
        return {"type": "string", "pattern": r"^\s*(>=|>|<=|<)\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$", **about}
    sign = "-?" if fact.signed else ""
    text = {"type": "string", "pattern": rf"^\s*(>=|>|<=|<)?\s*{sign}\s*\$?\s*{sign}\s*[0-9].*$"}
    number: dict[str, Any] = {"type": "number"} if fact.signed else {"type": "number", "minimum": 0}
    return {"anyOf": [text, number], **about}


def _suits(fact: FactType, match: re.Match[str]) -> bool:
    """Whether the unit and the scale that are written are those of *fact*."""
    if match[5] and fact.unit not in _AMOUNTS:
        return False
    unit = " ".join((match[6] or "").casefold().split()).removesuffix("s")
    if unit == "business day":
        return fact.name in _BUSINESS
    return not unit or fact.unit is _UNITS[unit]


def _of_date(fact: FactType, text: str) -> Threshold:
    match = _DAY.fullmatch(text)
    if match and match[1]:
        try:
            day = date.fromisoformat(match[2])
        except ValueError:
            raise ValueError(f"{shown(text)}: there is no such day; a date is year-month-day") from None
        read = Threshold(fact=fact.name, comparison=Comparison(match[1]), limit=day)
        _refuse_days_nothing_has(fact, read, day)
        return read
    if match:
        raise ValueError(f"{shown(text)}: write '>= {match[2]}' for from that day on, '<= {match[2]}' for until then")
    raise ValueError(f"{shown(text)} is not a threshold on a date; a date is year-month-day: {_example(fact)}")


def _refuse_days_nothing_has(fact: FactType, read: Threshold, day: date) -> None:
    first, last = _DAYS.get(fact.name, (date.min, date.max))
    never = {
        Comparison.AT_LEAST: day > last,
        Comparison.MORE_THAN: day >= last,
        Comparison.AT_MOST: day < first,
        Comparison.LESS_THAN: day <= first,
    }
    if never[read.comparison]:
        told = f"this can never be met: {fact.name} is {first} to {last}; to ask for every day, leave {fact.name} out"
        raise ValueError(told)


def _counts(fact: FactType) -> str:
    """What *fact* is, as opposed to something else."""
    match fact.unit:
        case Unit.USD:
            return "is in US dollars"
        case Unit.PERCENT:
            return "is a percentage"
        case Unit.YEARS:
            return "counts years"
        case Unit.TIMES:
            return "says how many times as much it is"
        case Unit.DAYS:
            return "counts business days" if fact.name in _BUSINESS else "counts calendar days"
    return "is a count"


def _example(fact: FactType) -> str:
    """Thresholds on *fact*, as in messages."""
    if fact.type is Type.DATE:
        return "'>= 2025-03-03' or '< 2026-01-01'"
    if fact.name in _BUSINESS:
        return "'> 2 business days'"
    found = _EXAMPLES.get(fact.unit or Unit.COUNT, "'>= 100k', '< 5,000' or '>= 1.5m'")
    return f"{found} or '<= -10%'" if fact.unit is Unit.PERCENT and fact.signed else found


def _threshold(fact: FactType, comparison: str | None, sign: str | None, number: str, scale: str | None) -> Threshold:
    size = Decimal(number.replace(",", "").replace("_", "")) * _SCALE[(scale or "").lower()]
    return Threshold(fact=fact.name, comparison=Comparison(comparison or ">="), limit=-size if sign else size)


def _refuse_what_nothing_meets(fact: FactType, read: Threshold) -> None:
    if read.comparison is Comparison.LESS_THAN and not read.limit and not fact.signed:
        raise ValueError(f"{words(read)} can never be met: {fact.name} is never less than 0")
    if isinstance(read.limit, Decimal) and read.comparison in FLOORS and read.limit > _MOST:
        raise ValueError(f"this can never be met: no filing states {fact.name} of more than {quantity(fact, _MOST)}")


def _either_way(text: str, number: str, scale: str) -> str:
    whole, _, rest = number.partition(".")
    decimals = rest.rstrip("0") + "0"
    decimal = f"{whole}.{decimals if len(decimals) != 3 else f'{decimals}0'}{scale}"
    thousands = f"{whole},{rest}{scale} or {whole}{rest}{scale}"
    return f"{shown(text)} can be read in two ways: write {thousands} for thousands, {decimal} for a decimal"


def _no_threshold(fact: FactType, text: str) -> str:
    folded = text.casefold()
    why = next((f": {why}" for pattern, why in _REFUSED if re.search(pattern, folded)), _no_unit(fact, folded))
    return f"{shown(text)}{why}{_instead(fact, folded) or f'; write such as {_example(fact)}'}"


def _no_unit(fact: FactType, text: str) -> str:
    """What is wrong with *text*, in lower case, where that is its unit; else that it is no threshold."""
    if not fact.signed and re.search(r"(?:^|[<>=\s$])-\s*\$?[0-9]", text):
        return f": {fact.name} is never less than 0"
    if re.search("business|trading|working", text) and fact.name not in _BUSINESS:
        also = "; days_late counts business days" if fact.name == "filing_lag" and "days_late" in FACTS else ""
        return f": {fact.name} {_counts(fact)}{also}"
    if re.search("%|per ?cent", text) and fact.unit is not Unit.PERCENT:
        return f": {fact.name} {_counts(fact)}, not a percentage"
    if re.search(r"[0-9 ](?:days?|d|hours?|weeks?|months?|years?|yrs?)\b", text):
        return f": {fact.name} {_counts(fact)}"
    return " is not a threshold"


def _instead(fact: FactType, text: str) -> str:
    """What to write for *text*, in lower case, so far as that can be guessed; else nothing."""
    meant = text
    for pattern, replacement in _MEANT:
        meant = re.sub(pattern, replacement, meant)
    match = _FORM.fullmatch(meant.strip())
    if not match or (match[3] and fact.unit is not Unit.USD) or not _suits(fact, match):
        return ""
    number = _regrouped(match[4])
    if not _NUMBER.fullmatch(number) or (match[2] and not fact.signed):
        return ""
    read = words(_threshold(fact, match[1], match[2], number, match[5]))
    return f"; write {read.removeprefix(f'{fact.name} ')!r}"


def _regrouped(number: str) -> str:
    """*number* as it is written here, whatever its commas and points meant where it comes from."""
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,[0-9]{1,2}|0,[0-9]+", number):  # 1.000,50; 1,5
        return number.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}", number):  # 1.000.000
        return number.replace(".", "")
    return number.replace(",", "").replace("_", "")
