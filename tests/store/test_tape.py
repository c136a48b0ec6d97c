"""The tape: what is searched is what a look at every line would find, on both databases."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from service.control import tape as control
from service.control.tape import Filter
from service.model.errors import Faulty
from service.model.fact import Kind
from service.model.filing import Accession, Cik
from service.model.flag import FlagCode
from service.model.identity import DEFAULT, Revision
from service.model.message import Message, MessageKind
from service.model.tape import Insider, TapeLine
from service.store import Database, matchings, messages, schema, tape, workspaces
from service.store.matchings import Matching
from tests.kit.rows import all_of

NOON = datetime(2025, 3, 5, 17, tzinfo=UTC)
COMPANIES = [
    (Cik("0000000001"), "Apple Orchards Inc", ("AAPL",)),
    (Cik("0000000002"), "Müller & Söhne AG", ()),
    (Cik("0000000003"), "Ford Motor Co", ("F",)),
    (Cik("0000000004"), "Forward Industries", ("FORD", "FORD.A")),
    (Cik("0000000005"), None, ("NONE",)),
]
PEOPLE = [
    Insider(cik=Cik("0000000011"), name="Cook Timothy D", role="CEO"),
    Insider(cik=Cik("0000000012"), name="O'Brien Mary", role="director"),
    Insider(cik=Cik("0000000013"), name="Forward Capital L.P.", role="10% owner"),
    Insider(cik=Cik("0000000014"), name=None, role=None),
]


def a_line(number: int, chance: random.Random) -> TapeLine:
    cik, company, symbols = chance.choice(COMPANIES)
    return TapeLine(
        accession=Accession(f"{chance.randrange(10**6):010d}-25-{number:06d}"),
        accepted=NOON + timedelta(minutes=chance.randrange(60)),  # several at once
        published=NOON,
        form=chance.choice(["4", "4", "4", "4/A"]),
        history=False,
        issuer=cik,
        company=company,
        symbols=symbols,
        insiders=tuple(chance.sample(PEOPLE, chance.randint(1, 3))),
        kinds=tuple(chance.sample([*Kind], chance.randint(0, 3))),
        told="sold 1 share",
        bought=chance.choice([None, Decimal("999999.50"), Decimal(10) ** 30]),
        sold=chance.choice([None, Decimal(1_500_000), Decimal(12)]),
        granted=chance.choice([None, None, Decimal(75_000_000)]),
        flags=(FlagCode.DIRECTION,),
        index="https://www.sec.gov/x-index.htm",
    )


async def taped(database: Database, lines: Sequence[TapeLine]) -> None:
    async with database.transaction() as tx:
        await tape.add(tx, lines)


def of_kind(*kinds: Kind) -> Callable[[TapeLine], bool]:
    return lambda line: bool({*kinds} & {*line.kinds})


def worth(dollars: int) -> Callable[[TapeLine], bool]:
    return lambda line: line.worth is not None and line.worth >= dollars


FILTERS: list[tuple[Filter, list[Callable[[TapeLine], bool]]]] = [
    (Filter(), []),
    (Filter(ticker="aapl"), [lambda line: line.symbols == ("AAPL",)]),
    (Filter(cik="3"), [lambda line: line.issuer == "0000000003"]),
    (Filter(company="0000000002"), [lambda line: line.issuer == "0000000002"]),
    (Filter(company="FORD"), [lambda line: "FORD" in line.symbols]),
    (Filter(company="ford"), [lambda line: line.issuer in ("0000000003", "0000000004")]),
    (Filter(company="muller sohn"), [lambda line: line.issuer == "0000000002"]),
    (Filter(company="nobody"), [lambda _: False]),
    (Filter(owner="tim cook"), [lambda line: PEOPLE[0] in line.insiders]),
    (Filter(owner="obrien"), [lambda line: PEOPLE[1] in line.insiders]),
    (Filter(owner="forward lp"), [lambda line: PEOPLE[2] in line.insiders]),
    (Filter(owner="14"), [lambda line: PEOPLE[3] in line.insiders]),
    (Filter(kind="voting-trust"), [of_kind(Kind.VOTING_TRUST)]),
    (Filter(kind="Gift, tender"), [of_kind(Kind.GIFT, Kind.TENDER)]),
    (Filter(kind="sale,tender"), [of_kind(Kind.SALE, Kind.TENDER)]),
    (Filter(form="4"), [lambda line: not line.amends]),
    (Filter(form="4/a"), [lambda line: line.amends]),
    (Filter(worth="$1m"), [worth(1_000_000)]),
    (Filter(worth=">= 1.6m"), [worth(1_600_000)]),
    (Filter(worth="10"), [worth(10)]),
    (Filter(since="2025-03-05T17:30:00Z"), [lambda line: line.accepted >= NOON + timedelta(minutes=30)]),
    (Filter(until="2025-03-05T17:30:00Z"), [lambda line: line.accepted < NOON + timedelta(minutes=30)]),
    (Filter(since="2025-03-05", until="2025-03-05"), []),
    (Filter(since="2025-03-06"), [lambda _: False]),
    (
        Filter(company="for", owner="cook", kind="sale", worth="1m", form="4"),
        [
            lambda line: line.issuer in ("0000000003", "0000000004"),
            lambda line: PEOPLE[0] in line.insiders,
            of_kind(Kind.SALE),
            worth(1_000_000),
            lambda line: not line.amends,
        ],
    ),
]


async def test_a_search_finds_what_a_look_at_every_line_finds(either: Database) -> None:
    """Part by part, in EDGAR's order: each once, whatever is asked for together."""
    chance = random.Random(5)
    lines = [a_line(number, chance) for number in range(400)]
    await taped(either, lines)
    ordered = sorted(lines, key=lambda line: (line.accepted, line.accession), reverse=True)

    for wanted, claims in FILTERS:
        expected = [line for line in ordered if all(claim(line) for claim in claims)]
        assert expected == await read(either, wanted), wanted


async def read(database: Database, wanted: Filter) -> list[TapeLine]:
    """All of it, seven at a time."""
    found: list[TapeLine] = []
    while True:
        last = (found[-1].accepted, found[-1].accession) if found else None
        part = await control.search(database, DEFAULT, wanted, 7, last)
        if not part:
            return found
        found += [entry.line for entry in part]


@pytest.mark.parametrize(
    ("wanted", "path", "said"),
    [
        (Filter(kind="sales"), "kind", "did you mean 'sale'?"),
        (Filter(form="10-K"), "form", "write 4 or 4/A"),
        (Filter(worth="much"), "worth", "'much'"),
        (Filter(worth="< 1m"), "worth", "least amount"),
        (Filter(worth="100.000"), "worth", "100,000"),
        (Filter(since="yesterday"), "since", "write a day"),
        (Filter(until="2025-03-05T10:00"), "until", "a time has its zone"),
        (Filter(until="9999-12-31"), "until", "write a day"),
        (Filter(cik="AAPL"), "cik", "not a CIK"),
    ],
)
async def test_what_cannot_be_asked_for_is_told_at_its_field(
    database: Database, wanted: Filter, path: str, said: str
) -> None:
    """With what to write instead."""
    with pytest.raises(Faulty) as raised:
        await control.search(database, DEFAULT, wanted, 7)

    (fault,) = raised.value.faults
    assert (path,) == fault.path
    assert said in fault.message


async def test_a_name_that_many_have_must_be_said_further(database: Database) -> None:
    """So that a search is never slow, and never leaves anybody out in silence."""
    chance = random.Random(1)
    lines = [
        replace(a_line(number, chance), issuer=Cik(f"{number:010d}"), company=f"Bank of Place {number}")
        for number in range(101)
    ]
    await taped(database, lines)
    with pytest.raises(Faulty) as raised:
        await control.search(database, DEFAULT, Filter(company="bank"), 7)
    found = await control.search(database, DEFAULT, Filter(company="bank 77"), 7)

    assert "more than 100 companies" in str(raised.value)
    assert ["Bank of Place 77"] == [entry.line.company for entry in found]


async def test_a_company_is_found_by_the_name_that_it_had(database: Database) -> None:
    """The line says what was filed at that time."""
    chance = random.Random(1)
    before, after = (replace(a_line(number, chance), issuer=Cik("0000000009")) for number in range(2))
    await taped(database, [replace(before, company="Facebook Inc", symbols=("FB",))])
    await taped(database, [replace(after, company="Meta Platforms", symbols=("META",))])

    for name in ("facebook", "meta", "FB", "META"):
        assert 2 == len(await control.search(database, DEFAULT, Filter(company=name), 7)), name


async def test_only_what_rang_for_the_workspace(either: Database) -> None:
    """Each with the alerts of that workspace on it; another's are neither found nor shown."""
    chance = random.Random(2)
    rung, elsewhere, quiet = (a_line(number, chance) for number in range(3))
    async with either.transaction() as tx:
        other = await workspaces.add(tx, "other", NOON)
        await tape.add(tx, [rung, elsewhere, quiet])
        await tape.ring(tx, [(rung, DEFAULT), (rung, other), (elsewhere, other)])
        for number, (line, whose) in enumerate([(rung, DEFAULT), (rung, DEFAULT), (rung, other), (elsewhere, other)]):
            body = {"id": f"a{number}", "kind": MessageKind.ALERT, "value": b"{}", "rule": f"rule {number}"}
            await messages.keep(tx, [Message(workspace=whose, accession=line.accession, **body)], NOON)
    found = await control.search(either, DEFAULT, Filter(rang=True), 7)
    every = await control.search(either, DEFAULT, Filter(), 7)

    assert [(rung.accession, ["rule 0", "rule 1"])] == [(e.line.accession, [r.rule for r in e.rang]) for e in found]
    assert 2 == sum(len(entry.rang) for entry in every)


async def test_the_tape_is_forgotten_with_the_matchings(either: Database) -> None:
    """With its keys, and with the names of those of whom nothing else is there."""
    chance = random.Random(3)
    old, young = (a_line(number, chance) for number in range(2))
    old = replace(old, issuer=Cik("0000000099"), company="Gone Corp", insiders=(PEOPLE[0],))
    young = replace(young, insiders=(PEOPLE[0], PEOPLE[1]))
    async with either.transaction() as tx:
        for line, at in ((old, NOON), (young, NOON + timedelta(days=2))):
            matching = Matching(accession=line.accession, revision=Revision(1), at=at, times=None)
            await matchings.add(tx, [matching])
        await tape.add(tx, [old, young])
        await tape.ring(tx, [(old, DEFAULT)])
    async with either.transaction() as tx:
        await matchings.forget(tx, NOON + timedelta(days=1), 10)

    assert [young] == await read(either, Filter())
    assert [] == await read(either, Filter(company="gone"))
    assert [young] == await read(either, Filter(owner="cook"))
    assert [(young.accession,)] == await all_of(either, schema.tape.c.accession)
    assert [] == await all_of(either, schema.rang.c.accession)


async def test_a_filing_that_is_read_again_stays_as_it_was(database: Database) -> None:
    """A batch may come a second time."""
    line = a_line(1, random.Random(4))
    await taped(database, [line])
    await taped(database, [replace(line, told="sold 2 shares")])

    assert [line] == await read(database, Filter())
