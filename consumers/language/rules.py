"""The ``rules`` and ``watchlists`` of the configuration file, checked and made."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, PlainValidator, ValidationError, ValidationInfo

from consumers.language.limit import threshold
from consumers.language.possible import never_met
from consumers.language.sections import (
    NOTHING,
    ChannelNames,
    Section,
    configured,
    faults_of,
    named_sections,
    several,
    shown,
    unknown_value,
)
from consumers.matcher.facts.rows import KINDS
from consumers.names import folded
from consumers.parser.symbols import normalised, ticker
from service.model.errors import ConfigError, Fault
from service.model.fact import Kind, Measure, Role
from service.model.filing import Cik, central_index_key
from service.model.identity import DEFAULT, Prefix, RuleId, derived_id
from service.model.ownership import OwnershipForm
from service.model.rule import Per, Rule, Threshold, Watchlist

E = TypeVar("E", bound=StrEnum)

_SAID_FOR_KINDS = {code.casefold(): kind.value for code, kind in KINDS.items()} | {
    "a": "award or option-grant",
    "buy": "purchase",
    "buys": "purchase",
    "sell": "sale",
    "sells": "sale",
    "grant": "award or option-grant",
    "grants": "award or option-grant",
    "option": "option-grant, or exercise",
    "options": "option-grant, or exercise",
    "rsu": "award",
    "rsus": "award",
    "tax": "withholding",
}
_SAID_FOR_ROLES = {role.value: role.value for role in Role} | {
    "chairman": "chair",
    "chief executive officer": "ceo",
    "chief financial officer": "cfo",
    "gc": "general-counsel",
    "general counsel": "general-counsel",
    "vp": "vice-president",
    "10%": "ten-percent-owner",
    "10% owner": "ten-percent-owner",
    "10 percent owner": "ten-percent-owner",
}


def _stated(value: Any) -> Any:
    """A key without a value would ask for nothing, unnoticed."""
    if value is None:
        raise ValueError(NOTHING)
    return value


def _named(names: type[E], what: str, everyday: Mapping[str, str] = MappingProxyType({})) -> BeforeValidator:
    """One of *names*; *everyday*: what people write for some of them."""

    def check(value: Any) -> E:
        text = str(_stated(value))
        try:
            return names(text)
        except ValueError:
            meant = everyday.get(text.casefold())
            told = f"{shown(text)} is not a {what}; write {meant}" if meant else None
            raise ValueError(told or unknown_value(text, [name.value for name in names], what)) from None

    return BeforeValidator(check)


def _cik(value: Any) -> Cik:
    try:
        return central_index_key(str(value))
    except ValueError:
        raise ValueError(f"{shown(str(value))} is not a CIK (one to ten digits)") from None


def _ticker(value: Any) -> Any:
    """*value* as the parser would read it in a filing; what it would read otherwise could never be found."""
    if value is None or isinstance(value, bool):
        word, read = ("NULL", "nothing") if value is None else (str(value).upper(), "yes or no")
        raise ValueError(f'without quotes {word} is {read} to YAML, not a ticker: write "{word}"')
    if isinstance(value, int):
        raise ValueError("a ticker begins with a letter; a CIK belongs below 'ciks'")  # noqa: TRY004  (pydantic's way)
    if not isinstance(value, str):
        return value
    if symbol := ticker(value):
        return symbol
    symbols = normalised(value)
    if len(symbols) == 1:
        meant = f"; did you mean {shown(symbols[0])}?"
    else:
        each = re.split(r"[,;\s]+", value.strip())
        meant = f": write [{', '.join(each)}]" if list(symbols) == each and shown(value) == repr(value) else ""
    raise ValueError(f"{shown(value)} is not a ticker, such as AAPL or BRK.B, one for each entry{meant}")


def _owner(value: str) -> str:
    if value.isdecimal():
        return _cik(value)
    if not folded(value):  # no word at all stands in every owner's name
        raise ValueError(f"{shown(value)} is not an owner; write a CIK or a name, in quotes")
    return value


def _ownership(value: Any) -> OwnershipForm:
    try:
        return OwnershipForm[str(_stated(value)).upper()]
    except KeyError:
        raise ValueError(f"{shown(str(value))} is neither 'direct' nor 'indirect'") from None


def _limit(value: Any, info: ValidationInfo) -> Threshold:
    measure = Measure(info.field_name or "")
    text = "" if isinstance(_stated(value), list | Mapping | bool) else str(value)
    return threshold(measure, text)


_Kinds = Annotated[list[Annotated[Kind, _named(Kind, "kind", _SAID_FOR_KINDS)]], several("kind", "purchase")]
_Roles = Annotated[list[Annotated[Role, _named(Role, "role", _SAID_FOR_ROLES)]], several("role", "director")]
_Watchlists = Annotated[list[Annotated[str, configured("watchlist")]], several("watchlist", "ours")]
_Tickers = Annotated[list[Annotated[str, BeforeValidator(_ticker)]], several("ticker", "[AAPL, BRK.B]")]
_Ciks = Annotated[list[Annotated[Cik, BeforeValidator(_cik)]], several("CIK", "1018724")]
_Owners = Annotated[list[Annotated[str, AfterValidator(_owner)]], several("owner", '["0001214156", "Brin Sergey"]')]
_Limit = Annotated[Threshold | None, PlainValidator(_limit)]


class WatchlistSection(Section):
    """One watchlist."""

    called = "a watchlist"

    tickers: _Tickers = []
    ciks: _Ciks = []
    owners: _Owners = []  # CIKs or names


class RuleSection(Section):
    """One rule."""

    called = "a rule"

    description: str | None = None
    kinds: _Kinds = []
    shares: _Limit = None
    price: _Limit = None
    value: _Limit = None
    strike: _Limit = None
    underlying_shares: _Limit = None
    exercise_value: _Limit = None
    owned_after: _Limit = None
    filing_lag: _Limit = None
    roles: _Roles = []
    watchlist: _Watchlists = []
    plan_10b5_1: Annotated[bool | None, BeforeValidator(_stated)] = None
    ownership: Annotated[OwnershipForm | None, BeforeValidator(_ownership)] = None
    amendments: bool = True
    per: Annotated[Per, _named(Per, "way to hold thresholds")] = Per.ROW
    channels: ChannelNames


def watchlists(section: Any) -> dict[str, Watchlist]:
    """The watchlists by name; raises ConfigError with every fault."""
    made: dict[str, Watchlist] = {}
    faults: list[Fault] = []
    for name, content in named_sections(section, "watchlists", faults).items():
        path = ("watchlists", name)
        try:
            entry = WatchlistSection.model_validate(content)
        except ValidationError as error:
            faults += faults_of(error, WatchlistSection, path)
            continue
        if not (entry.tickers or entry.ciks or entry.owners):
            faults.append(Fault(path, "the watchlist is empty; give tickers, ciks or owners"))
        made[name] = _watchlist(name, entry)
    if faults:
        raise ConfigError("the watchlists cannot be used", tuple(faults))
    return made


def rules(section: Any, lists: Mapping[str, Watchlist], channels: Collection[str]) -> tuple[Rule, ...]:
    """The rules, in their order; raises ConfigError with every fault."""
    made: list[Rule] = []
    faults: list[Fault] = []
    for name, content in named_sections(section, "rules", faults).items():
        try:
            entry = RuleSection.model_validate(content, context={"watchlist": lists, "channel": channels})
        except ValidationError as error:
            faults += faults_of(error, RuleSection, ("rules", name))
            continue
        rule = _rule(name, entry, lists)
        faults += [Fault(("rules", name, measure), why) for measure, why in never_met(rule)]
        made.append(rule)
    if faults:
        raise ConfigError("the rules cannot be used", tuple(faults))
    return tuple(made)


def _watchlist(name: str, entry: WatchlistSection) -> Watchlist:
    return Watchlist(
        name=name,
        tickers=frozenset(entry.tickers),
        ciks=frozenset(entry.ciks),
        owners=frozenset(Cik(owner) for owner in entry.owners if owner.isdecimal()),
        owner_names=frozenset(folded(owner) for owner in entry.owners if not owner.isdecimal()),
    )


def _rule(name: str, entry: RuleSection, lists: Mapping[str, Watchlist]) -> Rule:
    limits = (getattr(entry, measure) for measure in Measure)
    return Rule(
        id=RuleId(derived_id(Prefix.RULE, DEFAULT, name)),
        name=name,
        description=entry.description,
        kinds=tuple(entry.kinds),
        thresholds=tuple(limit for limit in limits if limit is not None),
        roles=tuple(entry.roles),
        watchlists=tuple(lists[given] for given in entry.watchlist),
        plan_10b5_1=entry.plan_10b5_1,
        ownership=entry.ownership,
        amendments=entry.amendments,
        per=entry.per,
        channels=tuple(dict.fromkeys(entry.channels)),
    )
