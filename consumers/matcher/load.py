"""The ``rules`` and ``watchlists`` of the configuration file, checked and made."""

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, ValidationError

from consumers.config import Section, faults_of, shown, unknown_key
from service.model.errors import ConfigError, Fault
from service.model.fact import USD, Kind, Measure, Role
from service.model.filing import Cik, central_index_key
from service.model.ownership import OwnershipForm
from service.model.rule import Comparison, Per, Rule, Threshold, Watchlist

E = TypeVar("E", bound=StrEnum)

_THRESHOLD = re.compile(r"(>=|>|<=|<)?\s*(\$)?\s*([0-9][0-9,_]*(?:\.[0-9]+)?)\s*(k|m|b|bn)?", re.IGNORECASE)
_SCALE = {"": 1, "k": 10**3, "m": 10**6, "b": 10**9, "bn": 10**9}


def _several(value: Any) -> Any:
    """One value may stand where a list of them can."""
    return value if isinstance(value, list) else [value]


def _named(names: type[E]) -> BeforeValidator:
    def check(value: Any) -> E:
        try:
            return names(str(value))
        except ValueError:
            raise ValueError(unknown_key(str(value), [name.value for name in names]).replace(" here", "")) from None

    return BeforeValidator(check)


def _cik(value: Any) -> Cik:
    try:
        return central_index_key(str(value))
    except ValueError:
        raise ValueError(f"{shown(str(value))} is no CIK (one to ten digits)") from None


def _ownership(value: Any) -> OwnershipForm:
    try:
        return OwnershipForm[str(value).upper()]
    except KeyError:
        raise ValueError(f"{shown(str(value))} is neither 'direct' nor 'indirect'") from None


_Ciks = Annotated[list[Annotated[Cik, BeforeValidator(_cik)]], BeforeValidator(_several)]
_Kinds = Annotated[list[Annotated[Kind, _named(Kind)]], BeforeValidator(_several)]
_Roles = Annotated[list[Annotated[Role, _named(Role)]], BeforeValidator(_several)]
_Names = Annotated[list[str], BeforeValidator(_several)]
_Limit = Annotated[str, BeforeValidator(lambda value: value if isinstance(value, bool | list | dict) else str(value))]


class WatchlistSection(Section):
    """One watchlist."""

    tickers: _Names = []
    ciks: _Ciks = []
    owners: _Names = []  # CIKs or names


class RuleSection(Section):
    """One rule."""

    description: str | None = None
    kinds: _Kinds = []
    shares: _Limit | None = None
    price: _Limit | None = None
    value: _Limit | None = None
    strike: _Limit | None = None
    underlying_shares: _Limit | None = None
    exercise_value: _Limit | None = None
    owned_after: _Limit | None = None
    filing_lag: _Limit | None = None
    roles: _Roles = []
    watchlist: _Names = []
    plan_10b5_1: bool | None = None
    ownership: Annotated[OwnershipForm, BeforeValidator(_ownership)] | None = None
    amendments: bool = True
    per: Annotated[Per, _named(Per)] = Per.ROW
    channels: Annotated[_Names, Field(min_length=1)]


def watchlists(section: Any) -> dict[str, Watchlist]:
    """The watchlists by name; raises ConfigError with every fault."""
    made: dict[str, Watchlist] = {}
    faults: list[Fault] = []
    for name, content in _mapping(section, "watchlists").items():
        try:
            entry = WatchlistSection.model_validate(content)
        except ValidationError as error:
            faults += faults_of(error, WatchlistSection, ("watchlists", name))
            continue
        if not (entry.tickers or entry.ciks or entry.owners):
            faults.append(Fault(("watchlists", name), "the watchlist is empty; give tickers, ciks or owners"))
        made[name] = Watchlist(
            name=name,
            tickers=frozenset(ticker.upper().replace("/", ".").replace("-", ".") for ticker in entry.tickers),
            ciks=frozenset(entry.ciks),
            owners=frozenset(central_index_key(owner) for owner in entry.owners if owner.isdecimal()),
            owner_names=frozenset(
                owner.casefold().replace(",", " ") for owner in entry.owners if not owner.isdecimal()
            ),
        )
    if faults:
        raise ConfigError("the watchlists cannot be used", tuple(faults))
    return made


def rules(section: Any, lists: Mapping[str, Watchlist], channels: Collection[str]) -> tuple[Rule, ...]:
    """The rules, in their order; raises ConfigError with every fault."""
    made: list[Rule] = []
    faults: list[Fault] = []
    for name, content in _mapping(section, "rules").items():
        path = ("rules", name)
        try:
            entry = RuleSection.model_validate(content)
        except ValidationError as error:
            faults += faults_of(error, RuleSection, path)
            continue
        thresholds = []
        for measure in Measure:
            text = getattr(entry, measure)
            if text is not None:
                try:
                    thresholds.append(threshold(measure, text))
                except ValueError as error:
                    faults.append(Fault((*path, measure.value), str(error)))
        faults += _unknown_names(entry.watchlist, lists, (*path, "watchlist"), "watchlist")
        faults += _unknown_names(entry.channels, channels, (*path, "channels"), "channel")
        made.append(
            Rule(
                name=name,
                description=entry.description,
                kinds=tuple(entry.kinds),
                thresholds=tuple(thresholds),
                roles=tuple(entry.roles),
                watchlists=tuple(lists[name] for name in entry.watchlist if name in lists),
                plan_10b5_1=entry.plan_10b5_1,
                ownership=entry.ownership,
                amendments=entry.amendments,
                per=entry.per,
                channels=tuple(dict.fromkeys(entry.channels)),
            )
        )
    if faults:
        raise ConfigError("the rules cannot be used", tuple(faults))
    return tuple(made)


def threshold(measure: Measure, text: str) -> Threshold:
    """``>= $500k`` as a threshold on *measure*; a bare number is a floor. Raises ValueError.

    >>> threshold(Measure.SHARES, "100k").limit
    Decimal('100000')
    """
    match = _THRESHOLD.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{shown(text)} is no threshold; write such as '>= 100k', '< $2.50' or '>= $1.5m'")
    comparison, dollar, digits, scale = match.groups()
    if dollar and measure not in USD:
        raise ValueError(f"{measure} is {'days' if measure is Measure.FILING_LAG else 'a count'}, not US dollars")
    limit = Decimal(digits.replace(",", "").replace("_", "")) * _SCALE[(scale or "").lower()]
    compared = Comparison(comparison or ">=")
    return Threshold(measure=measure, comparison=compared, limit=limit, text=text if comparison else f">= {text}")


def _mapping(section: Any, name: str) -> Mapping[str, Any]:
    if section is None:
        return {}
    if not isinstance(section, Mapping):
        raise ConfigError(f"{name} cannot be used", (Fault((name,), f"{name} must be names with settings below"),))
    return {str(key): {} if value is None else value for key, value in section.items()}


def _unknown_names(given: list[str], known: Collection[str], path: tuple[str, str, str], what: str) -> list[Fault]:
    if not known:
        return [Fault(path, f"{what} {shown(name)} is not configured; there is no {what} at all") for name in given]
    return [
        Fault(path, f"{what} {unknown_key(name, known)}".replace(" here", "")) for name in given if name not in known
    ]
