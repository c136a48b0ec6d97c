"""Thresholds as people write them, such as ``>= $1.5m``; what can be read in two ways is refused."""

import re
from decimal import Decimal

from consumers.language.sections import shown
from consumers.words import amount
from service.model.fact import USD, Measure
from service.model.rule import Comparison, Threshold

_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}
_MOST = Decimal(10) ** 15  # more than any company has shares, or is worth in US dollars

_FORM = re.compile(
    r"(>=|>|<=|<)?\s*(\$)?\s*([0-9][0-9,._]*(?:e[0-9]{1,2})?)\s*(k|m|bn?)?(?:\s*(days?))?", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?:[0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]{0,2}(?:_[0-9]{3})+)(?:\.[0-9]+)?(?:e[0-9]+)?", re.IGNORECASE
)
_EITHER_WAY = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")  # 100.000 is a hundred here and a hundred thousand in Europe

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
    (r"\b(?:shares|calendar)\b|^(?:==?)", ""),
)
_REFUSED = (  # what no threshold can ask, and what is not written so
    (r"^[\u2018\u201c\u201e\u00ab]", "YAML knows straight quotes only"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]/[0-9]+/", "a number is compared here, not a date"),
    (r"%|percent", "a percentage cannot be asked for"),
    (r"[\u20ac\u00a3\u00a5]|\b(?:eur|gbp|jpy|chf|cad)\b", "amounts are in US dollars, as on the form"),
    (r"business|trading|working", "filing_lag counts calendar days"),
    (r"[0-9kmb]\s*(?:-|\u2013|\.\.+|to|and|&)\s*[<>$0-9]|[<>].*[0-9].*[<>]", "one comparison stands here, not a range"),
    (r"(?:^|[<>=\s$])-\s*\$?[0-9]", "nothing on the form is less than 0"),
    (r"^==?\s*\$?[0-9]|!=|\u2260", "a threshold is >=, >, <= or <"),
    (r"[0-9][,_'\u2019\s][0-9]|\.[0-9]+\.", "commas separate thousands, in threes, and a point the decimals"),
)


def threshold(measure: Measure, text: str) -> Threshold:
    """``>= $500k`` as a threshold on *measure*; a bare number is a floor. Raises ValueError that says what to write.

    >>> threshold(Measure.SHARES, "100k").limit
    Decimal('100000')
    """
    text = text.strip()
    if not text:
        raise ValueError(f"one threshold must stand here, in quotes, such as {_example(measure)}")
    match = _FORM.fullmatch(text)
    if match and _EITHER_WAY.fullmatch(match[3]):
        raise ValueError(_either_way(text, match[3], match[4] or ""))
    if not match or not _NUMBER.fullmatch(match[3]) or (match[5] and measure is not Measure.FILING_LAG):
        raise ValueError(_no_threshold(measure, text))
    if match[2] and measure not in USD:
        what = "counts days" if measure is Measure.FILING_LAG else "is a count"
        raise ValueError(f"{measure} {what}, not US dollars{_instead(measure, text.casefold().replace('$', ''))}")
    read = _threshold(measure, *match.group(1, 3, 4))
    _refuse_what_nothing_meets(read)
    return read


def words(threshold: Threshold) -> str:
    """*threshold* with the number that was read: ``exercise_value >= $500,000``."""
    return f"{threshold.measure} {threshold.comparison} {amount(threshold.measure, threshold.limit)}"


def _example(measure: Measure) -> str:
    """Thresholds on *measure*, as in messages."""
    if measure is Measure.FILING_LAG:
        return "'> 2 days'"
    return "'>= $500k', '< $2.50' or '>= $1.5m'" if measure in USD else "'>= 100k', '< 5,000' or '>= 1.5m'"


def _threshold(measure: Measure, comparison: str | None, number: str, scale: str | None) -> Threshold:
    limit = Decimal(number.replace(",", "").replace("_", "")) * _SCALE[(scale or "").lower()]
    return Threshold(measure=measure, comparison=Comparison(comparison or ">="), limit=limit)


def _refuse_what_nothing_meets(read: Threshold) -> None:
    if read.comparison is Comparison.LESS_THAN and not read.limit:
        raise ValueError(f"{words(read)} can never be met: {read.measure} is never less than 0")
    if read.comparison in (Comparison.AT_LEAST, Comparison.MORE_THAN) and read.limit > _MOST:
        raise ValueError(
            f"this can never be met: no filing states {read.measure} of more than {amount(read.measure, _MOST)}"
        )


def _either_way(text: str, number: str, scale: str) -> str:
    whole, _, rest = number.partition(".")
    decimals = rest.rstrip("0") + "0"
    decimal = f"{whole}.{decimals if len(decimals) != 3 else f'{decimals}0'}{scale}"
    thousands = f"{whole},{rest}{scale} or {whole}{rest}{scale}"
    return f"{shown(text)} can be read in two ways: write {thousands} for thousands, {decimal} for a decimal"


def _no_threshold(measure: Measure, text: str) -> str:
    folded = text.casefold()
    why = next((f": {why}" for pattern, why in _REFUSED if re.search(pattern, folded)), " is not a threshold")
    return f"{shown(text)}{why}{_instead(measure, folded) or f'; write such as {_example(measure)}'}"


def _instead(measure: Measure, text: str) -> str:
    """What to write for *text*, in lower case, so far as that can be guessed; else nothing."""
    meant = text
    for pattern, replacement in _MEANT:
        meant = re.sub(pattern, replacement, meant)
    match = _FORM.fullmatch(meant.strip())
    if not match or (match[2] and measure not in USD) or (match[5] and measure is not Measure.FILING_LAG):
        return ""
    number = _regrouped(match[3])
    if not _NUMBER.fullmatch(number):
        return ""
    return f"; write {words(_threshold(measure, match[1], number, match[4])).removeprefix(f'{measure} ')!r}"


def _regrouped(number: str) -> str:
    """*number* as it is written here, whatever its commas and points meant where it comes from."""
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,[0-9]{1,2}|0,[0-9]+", number):  # 1.000,50; 1,5
        return number.replace(".", "").replace(",", ".")
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3}){2,}", number):  # 1.000.000
        return number.replace(".", "")
    return number.replace(",", "").replace("_", "")
