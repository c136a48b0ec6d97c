"""Rules as many people would make them, by a seed, and filings that some of them meet.

Nine in ten rules watch a list of 1 to 60 companies, drawn as Zipf says from the SEC's list of companies (from one that
is made up where FORM4_DATASETS names no folder that has it); three rules share a watchlist. The rest watch every
company, for something large. A fifth of all rules ask for the same as another.
"""

import json
import os
import random
from bisect import bisect
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from consumers.language.rules import rules, watchlists
from consumers.matcher.subject import Subject
from consumers.parser.symbols import ticker
from service.model.filing import Accession, Cik, Filing, Links, Times
from service.model.identity import DEFAULT, Prefix, Revision, RuleId, derived_id
from service.model.ownership import (
    DerivativeTransaction,
    Issuer,
    NonDerivativeTransaction,
    OwnerRelationship,
    OwnershipDocument,
    OwnershipForm,
    ReportingOwner,
    TransactionCode,
)
from service.model.rule import All, Claim, Condition, Rule, Tree, Watchlist

CHANNEL = "desk"

_LIST = "company_tickers_20250824.json"
_MADE_UP = 10_000  # companies, where there is no list
_EQUAL = 0.2
_EVERY_COMPANY = 0.09
_EXPRESSIONS = 0.01
_LONGEST = 60  # entries of a watchlist
_SHARE = 3  # rules on a watchlist
_KNOWN = 1_000  # rules that others are equal to

_KINDS = ("purchase", "sale", "option-grant", "award", "exercise", "gift", "withholding", "disposition-to-issuer")
_OFTEN = (30, 30, 12, 8, 8, 4, 4, 4)  # how often each is asked for, and filed
_CODES = ("P", "S", "A", "A", "M", "G", "F", "D")
_LIMITS = (10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000)


class Companies:
    """Tickers and CIKs; the n-th is drawn as often as 1/n says."""

    def __init__(self) -> None:
        folder = os.environ.get("FORM4_DATASETS")
        path = Path(folder or "") / _LIST
        if folder and path.is_file():
            rows = json.loads(path.read_text()).values()
            known = [(row["ticker"], row["cik_str"]) for row in rows]
        else:
            known = [(_ticker(number), number + 1) for number in range(_MADE_UP)]
        self.every = [(symbol, f"{cik:010d}") for symbol, cik in known if ticker(symbol)]
        self._weights = list(accumulate(1 / rank for rank in range(1, len(self.every) + 1)))

    def filing(self, chance: random.Random) -> tuple[str, str]:
        """One of them as they file: the largest ten times as often as the smallest."""
        return self.every[int(len(self.every) * chance.random() ** 1.25)]

    def draw(self, chance: random.Random) -> tuple[str, str]:
        """One of them as they are watched."""
        return self.every[bisect(self._weights, chance.random() * self._weights[-1])]


def _ticker(number: int) -> str:
    return "".join(chr(65 + number // 26**place % 26) for place in range(4))


class Drawn(Struct, frozen=True):
    """A rule that somebody makes."""

    asked: Mapping[str, Any]  # as in its section
    watchlist: int | None  # which; None: it is for every company


def drawn(count: int, chance: random.Random) -> Iterator[Drawn]:
    """*count* rules."""
    before: list[Drawn] = []  # what the equal ones are equal to
    for _ in range(count):
        if before and chance.random() < _EQUAL:
            one = chance.choice(before)
        elif chance.random() < _EVERY_COMPANY:
            one = Drawn(everywhere(chance), None)
        elif chance.random() < _EXPRESSIONS:
            one = Drawn(expression(chance), chance.randrange(_lists(count)))
        else:
            one = Drawn(watching(chance), chance.randrange(_lists(count)))
        if len(before) < _KNOWN:
            before.append(one)
        elif chance.random() < 0.01:
            before[chance.randrange(_KNOWN)] = one
        yield one


def _lists(count: int) -> int:
    return max(1, count // _SHARE)


def sections(count: int, channel: str, seed: int = 1) -> dict[str, Any]:
    """*count* rules and their watchlists, as a configuration has them."""
    chance, companies = random.Random(seed), Companies()
    lists = {f"list {number}": watchlist(companies, chance) for number in range(_lists(count))}
    rules = {}
    for number, one in enumerate(drawn(count, chance)):
        where = {} if one.watchlist is None else {"watchlist": f"list {one.watchlist}"}
        rules[f"rule {number}"] = _listed(one.asked) | where | {"channels": channel}
    return {"watchlists": lists, "rules": rules}


def realistic(count: int, seed: int = 1) -> Iterator[Rule]:
    """The same, as rules."""
    chance, companies = random.Random(seed), Companies()
    lists = [
        watchlists({f"list {number}": watchlist(companies, chance)})[f"list {number}"]
        for number in range(_lists(count))
    ]
    for number, one in enumerate(drawn(count, chance)):
        asked = asking(tuple(sorted(one.asked.items())))
        yield replace(
            asked if one.watchlist is None else watched(asked, lists[one.watchlist]),
            id=RuleId(derived_id(Prefix.RULE, DEFAULT, str(number))),
            name=f"a rule of user {number // _SHARE}",
            revision=Revision(number + 1),
        )


def watched(rule: Rule, entries: Watchlist) -> Rule:
    """*rule* for what stands on a watchlist."""
    rows = All((*parts_of(rule.condition), Claim("watchlist", (entries,))))
    return replace(rule, condition=replace(rule.condition, rows=rows))


def parts_of(condition: Condition) -> tuple[Tree, ...]:
    """What must all be true."""
    return condition.rows.of if isinstance(condition.rows, All) else (condition.rows,)


def watchlist(companies: Companies, chance: random.Random) -> dict[str, Any]:
    """One of a few companies, short ones more often; one in twenty names a person too."""
    size = int(_LONGEST ** chance.random())
    section: dict[str, Any] = {"tickers": sorted({companies.draw(chance)[0] for _ in range(size)})}
    if chance.random() < 0.05:
        section["owners"] = [f"Surname{chance.randrange(5_000)} Jane"]
    return section


def watching(chance: random.Random) -> dict[str, Any]:
    """What somebody asks for of companies on a watchlist."""
    asked: dict[str, Any] = {}
    if chance.random() < 0.75:
        asked["kinds"] = tuple(dict.fromkeys(chance.choices(_KINDS, _OFTEN, k=chance.choice([1, 1, 2]))))
    if chance.random() < 0.6:
        asked[chance.choice(["value", "value", "value", "shares"])] = _limit(chance)
    if chance.random() < 0.2:
        asked["roles"] = chance.choice([("officer",), ("director",), ("director", "officer"), ("ten-percent-owner",)])
    if chance.random() < 0.1:
        asked["plan_10b5_1"] = False
    if chance.random() < 0.1:
        asked["amendments"] = "exclude"
    if chance.random() < 0.15:
        asked["per"] = "filing"
    return asked


def everywhere(chance: random.Random) -> dict[str, Any]:
    """What somebody asks for of every company: something large."""
    kind = chance.choices(_KINDS, _OFTEN)[0]
    measure = "exercise_value" if kind == "option-grant" else "value" if kind in ("purchase", "sale") else "shares"
    return {"kinds": (kind,), measure: f">= {chance.randrange(20, 2_000) * 50_000}"}


def expression(chance: random.Random) -> dict[str, Any]:
    """What only an expression says."""
    limit = chance.choice(_LIMITS)
    return {"when": f"value > {limit} || ('ceo' in role && value > {limit // 4})"}


def _limit(chance: random.Random) -> str:
    return f">= {chance.choice(_LIMITS) if chance.random() < 0.8 else chance.randrange(1_000, 10_000_000)}"


@lru_cache(100_000)
def asking(asked: tuple[tuple[str, Any], ...]) -> Rule:
    """What a section with these keys asks for."""
    (rule,) = rules({"rule": _listed(dict(asked)) | {"channels": CHANNEL}}, watchlists({}), {CHANNEL})
    return rule


def _listed(asked: Mapping[str, Any]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asked.items()}


def subjects(count: int, seed: int = 2) -> list[Subject]:
    """*count* filings, by companies that are watched as they file: the larger, the more."""
    chance, companies = random.Random(seed), Companies()
    return [_subject(number, companies.filing(chance), chance) for number in range(count)]


def _subject(number: int, company: tuple[str, str], chance: random.Random) -> Subject:
    symbol, cik = company
    rows = [_row(chance) for _ in range(chance.choice([1, 1, 1, 2, 2, 3, 5]))]
    owner = ReportingOwner(
        rpt_owner_cik=Cik(f"{chance.randrange(10**6, 2 * 10**6):010d}"),
        rpt_owner_name=f"Surname{chance.randrange(5_000)} Jane",
        relationship=OwnerRelationship(is_director=chance.random() < 0.5, is_officer=chance.random() < 0.6),
    )
    document = OwnershipDocument(
        document_type="4",
        schema_version="X0508",
        issuer=Issuer(issuer_cik=Cik(cik), issuer_name="A CORP", issuer_trading_symbol=symbol, symbols=(symbol,)),
        reporting_owners=(owner,),
        aff10b5_one=chance.random() < 0.3,
        non_derivative_table=tuple(row for row in rows if isinstance(row, NonDerivativeTransaction)),
        derivative_table=tuple(row for row in rows if isinstance(row, DerivativeTransaction)),
    )
    filing = Filing(
        accession=Accession(f"0009990000-25-{number:06d}"),
        form="4",
        issuer_cik=Cik(cik),
        issuer_name="A CORP",
        filed_on=None,
        links=Links(index="", submission=""),
        times=Times(),
    )
    return Subject.of(filing, document)


def _row(chance: random.Random) -> NonDerivativeTransaction | DerivativeTransaction:
    place = chance.choices(range(len(_KINDS)), _OFTEN)[0]
    shares, price = Decimal(int(10 ** chance.uniform(2, 6))), Decimal(int(10 ** chance.uniform(2, 5))) / 100
    filed: dict[str, Any] = {
        "security_title": "Common Stock",
        "transaction_code": TransactionCode(_CODES[place]),
        "transaction_shares": shares,
        "direct_or_indirect_ownership": OwnershipForm.DIRECT,
    }
    if _KINDS[place] in ("option-grant", "exercise"):
        return DerivativeTransaction(**filed, conversion_or_exercise_price=price, underlying_security_shares=shares)
    return NonDerivativeTransaction(**filed, transaction_price_per_share=price)
