"""What happened, for each kind of row, in the words of those who trade.

Money that was paid is price and value. The strike, and what exercising costs, belong to grants and exercises: a warrant
that was bought cost its price.
"""

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from msgspec import Struct

from consumers.matcher.headline.group import Group
from consumers.words import money, plain, rounded
from service.model.fact import Kind, Measure, SecurityClass
from service.model.ownership import Box, TransactionCode

_PAR_VALUE = re.compile(r"[\s,(]{0,3}(?:with )?(?:an? )?(?:no |\$ ?[0-9.]+ |[0-9.]+ )?par value.*$", re.IGNORECASE)
_STOCK = re.compile(
    r"(?!.*\b(?:options?|units?|rights?|warrants?|notes?|shares?)\b).*\b(?:stock|common)\b", re.IGNORECASE
)
_SINGULAR = re.compile(
    r"\b(options?|warrants?|rights?|units?|notes?|shares?|swaps?)(?=\s*(?:\(.*)?$| to (?:buy|purchase|acquire)\b)",
    re.IGNORECASE,
)
_WITH_STRIKE = frozenset({SecurityClass.OPTION, SecurityClass.SAR, SecurityClass.WARRANT})
_PRICE, _STRIKE = Box("transaction_price_per_share"), Box("conversion_or_exercise_price")
_KIND = Box("transaction_code")
_CODE = Box("transaction_coding")  # where the schema cites the footnotes of the code
_CITED = 3  # footnotes that are named; the row names all
_TITLE = 200  # characters; the form has room for 60
_CENTS = Decimal("0.01")
_WHOLE = Decimal(1_000)  # USD; totals of as much are told without cents


def phrase(group: Group) -> str:
    """What the rows of *group* report: ``bought 1,000 shares of Common Stock at $10 for $10,000``."""
    return _PHRASES[group.kind](group)


# Parts


def quantity(group: Group) -> str:
    """How many of what; the money where a total was filed instead of a number."""
    called = _called((group.first.transaction.security_title or "")[:_TITLE])
    shares = group.all_of(Measure.SHARES)
    if not shares:
        if group.states(Measure.VALUE):
            return f"{total(group.total(Measure.VALUE))} of {called.plural}"
        return f"an unknown number of {'shares of ' if called.is_stock else ''}{called.plural}"
    number = group.total(Measure.SHARES)
    least = "" if len(shares) == len(group.rows) else "at least "
    if not called.is_stock:
        return f"{least}{plain(number)} {called.title if number == 1 else called.plural}"
    what = "options on" if group.first.security_class in _WITH_STRIKE else "shares of"
    return f"{least}{plain(number)} {what} {called.title}"


class _Called(Struct, frozen=True):
    """A security as its title calls it."""

    title: str  # without its par value
    plural: str
    is_stock: bool  # of which one has shares


@lru_cache(1024)  # most filings are about Common Stock
def _called(title: str) -> _Called:
    short = _PAR_VALUE.sub("", title) or "securities"
    return _Called(short, _plural(short), _STOCK.match(short) is not None)


def _plural(title: str) -> str:
    """``Stock Options (right to buy)`` for ``Stock Option (right to buy)``."""
    found = _SINGULAR.search(title)
    if not found or found[1].casefold().endswith("s"):
        return title
    return f"{title[: found.end()]}{'S' if found[1].isupper() else 's'}{title[found.end() :]}"


def paid(group: Group) -> str:
    """`` at $10.10 to $10.30 (average $10.22) for $102,200``; ``at $0`` where the box says so."""
    prices = group.all_of(Measure.PRICE)
    if not group.states(Measure.VALUE):
        return f" at {_span(Measure.PRICE, prices)}" if prices and any(prices) else _unstated(group, "price", _PRICE)
    worth = group.total(Measure.VALUE)
    if not group.all_of(Measure.SHARES):
        return ""
    if not worth:
        return " at $0" if prices and not any(prices) else ""
    if not group.states(Measure.PRICE):
        return f" for {total(worth)}"
    average = (
        f" (average {_near(group.average_price)})" if len(set(prices)) > 1 and group.states(Measure.SHARES) else ""
    )
    return f" at {_span(Measure.PRICE, prices)}{average} for {total(worth)}"


def struck(group: Group) -> str:
    """`` at a strike of $2.91, exercise value $582,000``."""
    strikes = group.all_of(Measure.STRIKE)
    if not any(strikes):
        return _unstated(group, "strike", _STRIKE) if group.first.security_class in _WITH_STRIKE else ""
    worth = group.total(Measure.EXERCISE_VALUE) if group.states(Measure.EXERCISE_VALUE) else None
    return f" at a strike of {_span(Measure.STRIKE, strikes)}{f', exercise value {total(worth)}' if worth else ''}"


def total(number: Decimal) -> str:
    """An amount of US dollars as a person says it: without cents where it is large."""
    return money(number.quantize(Decimal(1), ROUND_HALF_UP)) if number >= _WHOLE else rounded(Measure.VALUE, number)


def _span(measure: Measure, numbers: tuple[Decimal, ...]) -> str:
    low, high = min(numbers), max(numbers)
    return rounded(measure, low) if low == high else f"{rounded(measure, low)} to {rounded(measure, high)}"


def _near(price: Decimal) -> str:
    return money(price.quantize(_CENTS, ROUND_HALF_UP)) if price >= 1 else rounded(Measure.PRICE, price)


def _unstated(group: Group, what: str, box: Box) -> str:
    """That *what* cannot be told, and where to look."""
    if notes := _notes(group, box):
        return f" ({what}: see {notes})"
    if any(box in row.transaction.raw for row in group.rows):
        return f" ({what} could not be read)"
    doubted = any(flag.box == box for row in group.rows for flag in row.flags)
    return f" ({what} in doubt)" if doubted else f" ({what} not stated)"


def _notes(group: Group, box: Box) -> str:
    """The first of the footnotes that *box* cites."""
    cited = dict.fromkeys(note for row in group.rows for note in row.transaction.footnotes.get(box, ()))
    return f"footnote{'s' if len(cited) > 1 else ''} {', '.join([*cited][:_CITED])}" if cited else ""


# A phrase for each kind: {} stands for how many of what


def _dealt(words: str) -> Callable[[Group], str]:
    """A dealing for money."""
    return lambda group: words.format(quantity(group)) + paid(group)


def _given(words: str) -> Callable[[Group], str]:
    """A dealing that is for nothing as a rule; a price is told where there is one."""
    return lambda group: words.format(quantity(group)) + _counted_at(group)


def _either(acquired: str, disposed: str, unknown: str) -> Callable[[Group], str]:
    """A dealing that goes both ways."""
    words = {True: acquired, False: disposed, None: unknown}
    return lambda group: words[group.acquired].format(quantity(group)) + _counted_at(group)


def _granted(words: str) -> Callable[[Group], str]:
    return lambda group: words.format(quantity(group) + struck(group))


def _counted_at(group: Group) -> str:
    return paid(group) if any(group.all_of(Measure.PRICE)) else ""


def _exercised(group: Group) -> str:
    if group.first.table == "I" and group.acquired is not False:
        return _came_of_exercise(group)
    match group.first.security_class:
        case SecurityClass.SHARE:  # of a put that was exercised, or a call that was exercised against the owner
            return f"delivered {quantity(group)} on exercise{_at(group)}"
        case SecurityClass.RSU:
            return f"had {quantity(group)} vest"
        case SecurityClass.DEFERRAL | SecurityClass.DIVIDEND_EQUIVALENT:
            return f"was paid out {quantity(group)}"
        case SecurityClass.CONVERTIBLE | SecurityClass.PARTNERSHIP_UNIT:
            return f"converted {quantity(group)}"
        case _:
            return f"exercised {quantity(group)}{struck(group)}"


def _came_of_exercise(group: Group) -> str:
    if group.first.transaction.transaction_code is TransactionCode.CONVERSION:
        return f"received {quantity(group)} on conversion"
    at = _at(group)
    return f"received {quantity(group)} on exercise{at or ' or vesting'}"


def _at(group: Group) -> str:
    prices = group.all_of(Measure.PRICE)
    return f" at {_span(Measure.PRICE, prices)}" if any(prices) else ""


def _expired(group: Group) -> str:
    short = group.first.transaction.transaction_code is TransactionCode.SHORT_EXPIRY
    return f"had {'a short position in ' if short else ''}{quantity(group)} expire{_counted_at(group)}"


def _swapped(group: Group) -> str:
    words = {True: "acquired", False: "disposed of", None: "swapped"}[group.acquired]
    named = "swap" in (group.first.transaction.security_title or "").casefold()
    return f"{words} {quantity(group)}{'' if named else ' by equity swap'}{_counted_at(group)}"


def _other(group: Group) -> str:
    code = group.first.transaction.transaction_code
    if code is TransactionCode.AWARD:
        return f"reported {quantity(group)} as granted{struck(group)}"
    words = {True: "acquired", False: "disposed of", None: "reported"}[group.acquired]
    notes = _notes(group, _CODE)
    unread = "a code that could not be read" if _KIND in group.first.transaction.raw else "no code"
    why = f"code {code}{f': see {notes}' if notes else ''}" if code else unread
    return f"{words} {quantity(group)}{_counted_at(group)} ({why})"


_PHRASES: Mapping[Kind, Callable[[Group], str]] = {
    Kind.OPTION_GRANT: _granted("was granted {}"),
    Kind.AWARD: _given("was awarded {}"),
    Kind.DEFERRAL: _given("was credited {}"),
    Kind.DIVIDEND_EQUIVALENT: _given("was credited {}"),
    Kind.CONVERTIBLE: _dealt("acquired {} from the company"),
    Kind.PARTNERSHIP_UNIT: _given("was awarded {}"),
    Kind.GRANT_REVERSAL: _granted("had a grant of {} taken back"),
    Kind.PURCHASE: _dealt("bought {}"),
    Kind.SALE: _dealt("sold {}"),
    Kind.EXERCISE: _exercised,
    Kind.EXERCISE_SHARES: _came_of_exercise,
    Kind.CONVERSION: _either("received {} on conversion", "converted {}", "converted {}"),
    Kind.WITHHOLDING: _given("had {} withheld"),
    Kind.DISPOSITION_TO_ISSUER: _either("received {} from the company", "gave up {} to the company", "exchanged {}"),
    Kind.GIFT: _either("was given {}", "gave away {}", "gave or was given {}"),
    Kind.EXPIRY: _expired,
    Kind.DISCRETIONARY: _either(
        "moved into {} within a plan", "moved out of {} within a plan", "moved {} within a plan"
    ),
    Kind.SMALL_ACQUISITION: _given("acquired {} in a small acquisition"),
    Kind.INHERITANCE: _either("inherited {}", "passed on {} by inheritance", "inherited or passed on {}"),
    Kind.VOTING_TRUST: _either(
        "took {} out of a voting trust", "put {} into a voting trust", "moved {} through a voting trust"
    ),
    Kind.EQUITY_SWAP: _swapped,
    Kind.TENDER: _dealt("tendered {}"),
    Kind.OTHER: _other,
}
