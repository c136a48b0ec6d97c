"""The ``rules`` and ``watchlists`` of the configuration file, checked and made."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WithJsonSchema

from consumers.language.fields import given
from consumers.language.groups import RuleSection, condition
from consumers.language.sections import Path, Section, faults_of, named_sections, several, shown
from consumers.parser.symbols import normalised, ticker
from service.model.errors import ConfigError, Fault
from service.model.filing import Cik, central_index_key
from service.model.identity import DEFAULT, Prefix, RuleId, derived_id
from service.model.rule import Rule, Watchlist
from service.names import folded


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
    elif not symbols and value.isascii() and value.isalpha():
        meant = ": filers write it for an exchange, or where there is no symbol; name the company below 'ciks'"
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


_Tickers = Annotated[list[Annotated[str, BeforeValidator(_ticker)]], several("ticker", "[AAPL, BRK.B]")]
_CIK = WithJsonSchema({"type": ["string", "integer"], "pattern": "^[0-9]{1,10}$", "minimum": 1})
_Ciks = Annotated[list[Annotated[Cik, BeforeValidator(_cik), _CIK]], several("CIK", "1018724")]
_Owners = Annotated[list[Annotated[str, AfterValidator(_owner)]], several("owner", '["0001214156", "Brin Sergey"]')]


class EntriesSection(Section):
    """Companies and persons."""

    called = "except"

    tickers: _Tickers = []
    ciks: _Ciks = []
    owners: _Owners = []  # CIKs or names


class WatchlistSection(EntriesSection):
    """One watchlist."""

    called = "a watchlist"
    everyday = MappingProxyType(dict.fromkeys(("exclude", "not", "without", "unless"), "write except"))

    except_: Annotated[EntriesSection | None, BeforeValidator(given)] = Field(
        default=None, alias="except", description="Who is not meant, though the entries above name them."
    )

    @classmethod
    def within(cls, place: Path) -> type[Section]:
        """What stands below `except`, where *place* lies there."""
        return EntriesSection if len(place) > 1 and place[0] == "except" else cls


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
        made[name] = _entries(name, entry)
        if made[name] == Watchlist(name=name):
            faults.append(Fault(path, "the watchlist is empty; give tickers, ciks or owners"))
        if entry.except_ is not None:
            left_out = replace(_entries(name, entry.except_), leaves_out=True)
            if left_out == Watchlist(name=name, leaves_out=True):
                faults.append(Fault((*path, "except"), "nobody is left out; give tickers, ciks or owners"))
            made[name] = replace(made[name], left_out=left_out)
    if faults:
        raise ConfigError("the watchlists cannot be used", tuple(faults))
    return made


def rules(
    section: Any, lists: Mapping[str, Watchlist], channels: Collection[str], *, stored: bool = False
) -> tuple[Rule, ...]:
    """The rules, in their order; raises ConfigError with every fault. *stored*: they were checked when written."""
    context = {"watchlist": lists, "channel": channels, "stored": stored}
    made: list[Rule] = []
    faults: list[Fault] = []
    for name, content in named_sections(section, "rules", faults).items():
        try:
            entry = RuleSection.model_validate(content, context=context)
        except ValidationError as error:
            faults += faults_of(error, RuleSection, ("rules", name))
            continue
        asked, wrong = condition(entry, lists)
        faults += [Fault(("rules", name, *fault.path), fault.message) for fault in wrong]
        made.append(
            Rule(
                id=RuleId(derived_id(Prefix.RULE, DEFAULT, name)),
                name=name,
                description=entry.description,
                condition=asked,
                priority=entry.priority,
                channels=tuple(dict.fromkeys(entry.channels)),
            )
        )
    if faults:
        raise ConfigError("the rules cannot be used", tuple(faults))
    return tuple(made)


def _entries(name: str, entry: EntriesSection) -> Watchlist:
    return Watchlist(
        name=name,
        tickers=frozenset(entry.tickers),
        ciks=frozenset(entry.ciks),
        issuers=frozenset(entry.ciks),
        owners=frozenset(Cik(owner) for owner in entry.owners if owner.isdecimal()),
        owner_names=frozenset(folded(owner) for owner in entry.owners if not owner.isdecimal()),
    )
