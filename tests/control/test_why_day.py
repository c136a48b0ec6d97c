"""`why` over a morning: for random rules, filings and channels it gives the state that tables and receivers show."""

import os
import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from sqlalchemy import func, select

from consumers.language.rules import rules, watchlists
from consumers.matcher.predicates import PREDICATES, Level
from consumers.matcher.subject import Subject
from service.control.why import End, why
from service.edgar.submission import ownership_xml
from service.lookalike import archive
from service.model.alert import alert_id
from service.model.fact import Verdict
from service.model.filing import Accession, Filing, FilingEvent, Links, Original, Provenance, Times
from service.model.identity import RuleId
from service.model.parsed import ParsedFiling
from service.model.resource import Resource, ResourceKind
from service.model.rule import claims
from service.store import Database
from service.store.schema import channel_states, dead_letters, deliveries, digested, events, matchings
from service.wire import decode
from service.wire.topics import filing_event
from tests.control.desk import CHANNEL, RULE, WATCHLIST, Answers, Desk, Floor, seen
from tests.kit.eventually import eventually
from tests.kit.filings import now
from tests.kit.places import SAMPLES
from tests.kit.receiver import SECRET

SEED = int(os.environ.get("FILINGBELL_TEST_SEED", "20131218"))
TRIPLES = 500
STATUSES = {"busy": 503, "gone": 410}
PATHS = ("desk", "busy", "gone", "quiet")

ASKED: list[dict[str, Any]] = [
    {"kinds": "purchase", "channels": ["desk"]},
    {"kinds": ["purchase", "sale"], "value": ">= $100k", "channels": ["desk", "busy"]},
    {"kinds": "option-grant", "exercise_value": ">= $10k", "channels": ["gone", "quiet"]},
    {"kinds": "sale", "value": ">= $1m", "per": "filing", "roles": ["officer"], "channels": ["desk", "gone"]},
    {"roles": ["director"], "plan_10b5_1": False, "channels": ["quiet"]},
    {"watchlist": "list", "channels": ["desk", "busy", "gone"]},
    {"kinds": "award", "shares": ">= 1000", "amendments": False, "channels": ["busy"]},
]


class Stood(Struct, frozen=True):
    """A resource at a revision, as the test has asked for it."""

    revision: int
    content: Mapping[str, Any] | None  # None: it is not there
    enabled: bool = True


class Journal:
    """What the test did at one desk, from no table of the service."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.ids: dict[tuple[str, str], str] = {}
        self.names: dict[str, str] = {}
        self.stood: dict[str, list[Stood]] = defaultdict(list)

    def note(self, made: Resource, content: Mapping[str, Any] | None, *, enabled: bool = True) -> None:
        """Remember what stands from now on."""
        self.ids[made.kind, made.name] = made.id
        self.names[made.id] = made.name
        self.stood[made.id].append(Stood(made.revision, content, enabled))

    def at(self, resource: str, revision: int) -> Stood | None:
        """How it stood; None: it was not made yet."""
        states = self.stood[resource]
        place = bisect_right(states, revision, key=lambda one: one.revision)
        return states[place - 1] if place else None

    def of(self, kind: ResourceKind) -> list[str]:
        """The ids of every one of *kind* that there ever was."""
        return [made for (of, _), made in self.ids.items() if of == kind]


async def change(journal: Journal, chance: random.Random, numbers: Iterable[int]) -> None:
    """Add a rule, and change, switch and remove others."""
    desk = journal.desk
    content = chance.choice(ASKED)
    name = f"rule-{next(iter(numbers))}"
    journal.note(await desk.add(RULE, name, **content), content)
    there = [one for one in journal.of(RULE) if journal.stood[one][-1].content is not None]
    for one in chance.sample(there, min(3, len(there))):
        last = journal.stood[one][-1]
        match chance.choice(["edit", "switch", "remove", "list"]):
            case "edit":
                content = {**chance.choice(ASKED), "description": str(chance.random())}
                journal.note(await desk.edit(RULE, one, **content), content, enabled=last.enabled)
            case "switch":
                made = await desk.switch(RULE, one, enabled=not last.enabled)
                journal.note(made, last.content, enabled=not last.enabled)
            case "remove":
                journal.note(await desk.remove(RULE, one), None)
            case _:
                tickers = {"tickers": chance.sample(["AAPL", "MSFT", "EXMP", "SONS"], 2)}
                journal.note(await desk.edit(WATCHLIST, "list", **tickers), tickers)


def verdict(rule: Mapping[str, Any], lists: Mapping[str, Any], subject: Subject) -> Verdict:
    """*rule* on *subject*, the long way: every predicate on everything, in three-valued logic."""
    (made,) = rules({"rule": rule}, watchlists(lists), PATHS)
    made_of = [PREDICATES[claim.key].predicate(claim.asked) for claim in claims(made.condition.rows)]
    row = [one for one in made_of if one.level is Level.ROW]
    total = [PREDICATES[claim.key].total(claim.asked) for claim in made.condition.totals]
    found = [one.test(subject, None) for one in made_of if one.level is not Level.ROW]
    if row or total:
        by_row = [every([one.test(subject, fact) for one in row]) for fact in subject.facts]
        counted, doubtful = (
            tuple(fact for fact, each in zip(subject.facts, by_row, strict=True) if each is wanted)
            for wanted in (Verdict.TRUE, Verdict.UNKNOWN)
        )
        found.append(any_of(by_row))
        found += [one.test(counted, doubtful) for one in total if counted]
    return every(found)


def every(verdicts: Sequence[Verdict]) -> Verdict:
    return min(verdicts, key=[Verdict.FALSE, Verdict.UNKNOWN, Verdict.TRUE].index, default=Verdict.TRUE)


def any_of(verdicts: Sequence[Verdict]) -> Verdict:
    return max(verdicts, key=[Verdict.FALSE, Verdict.UNKNOWN, Verdict.TRUE].index, default=Verdict.FALSE)


class Tables:
    """What the tables say, read whole."""

    async def read(self, database: Database) -> None:
        """Read them."""
        async with database.reading() as connection:
            rows = await connection.execute(select(matchings.c.accession, matchings.c.revision))
            self.matched = {row.accession: row.revision for row in rows}
            rows = await connection.execute(select(events.c.id, events.c.value).where(events.c.id.like("parsed-%")))
            self.parsed = {row.id.removeprefix("parsed-"): decode(row.value, ParsedFiling) for row in rows}
            rows = await connection.execute(select(deliveries))
            self.owed = {(row.message, row.channel): row for row in rows}
            rows = await connection.execute(select(digested.c.message, digested.c.channel))
            self.collected = {(row.message, row.channel) for row in rows}
            self.dead = set(await connection.scalars(select(dead_letters.c.accession)))
            opened = select(channel_states.c.channel).where(channel_states.c.opened.is_not(None))
            self.open = set(await connection.scalars(opened))


def read_off(journal: Journal, tables: Tables, receiver: Answers, rule: str, accession: str, channel: str) -> End:  # noqa: PLR0911
    """The state of the way of *accession* under *rule* to *channel*."""
    if accession not in tables.matched:
        return End.DEAD_LETTER if accession in tables.dead else End.UNMATCHED
    revision = tables.matched[accession]
    stood = journal.at(rule, revision)
    if stood is None or stood.content is None:
        return End.YOUNGER
    if not stood.enabled:
        return End.RULE_DISABLED
    listed = journal.at(journal.ids[WATCHLIST, "list"], revision)
    assert listed is not None
    parsed = tables.parsed[accession]
    if parsed.filing.provenance.history and parsed.filing.provenance.digest is None:
        return End.HISTORY
    found = verdict(stood.content, {"list": listed.content}, Subject.of(parsed.filing, parsed.document))
    if found is not Verdict.TRUE:
        return End.UNKNOWN if found is Verdict.UNKNOWN else End.NOT_MET
    if journal.names[channel] not in stood.content["channels"]:
        return End.NOT_OWED
    return sent(journal, tables, receiver, alert_id(RuleId(rule), Accession(accession)), channel)


def sent(journal: Journal, tables: Tables, receiver: Answers, alert: str, channel: str) -> End:
    """How far *alert* has come with *channel*; the receiver must have seen as much of it as the tables say."""
    name = journal.names[channel]
    taken = Counter(one.status for one in receiver.taken if one.id == alert and one.path.endswith(f"-{name}"))
    if (alert, channel) in tables.collected:
        assert not taken
        return End.HELD
    enabled = journal.stood[channel][-1].enabled
    ends = {"delivered": End.SENT, "dead": End.DEAD, "pending": End.WAITING if enabled else End.CHANNEL_DISABLED}
    end = ends[tables.owed[alert, channel].state]
    answered = {End.SENT: {200: 1}, End.DEAD: {410: 1}, End.WAITING: {503: 1}, End.CHANNEL_DISABLED: {}}
    if end is End.WAITING and channel in tables.open:
        assert dict(taken) in ({}, {503: 1})  # its circuit may have opened before this one's turn
        return End.CIRCUIT_OPEN
    assert answered[end] == dict(taken)
    return end


def filed(folder: Path | None) -> list[bytes]:
    """The bundled submissions, and some of the corpus if it is there."""
    bundled = [one.data for one in archive.load(SAMPLES)]
    more = sorted((folder / "submission").iterdir())[:60] if folder else []
    return bundled + [path.read_bytes() for path in more if path.is_file()]


async def publish(floor: Floor, documents: Iterable[tuple[int, bytes]], chance: random.Random) -> list[Accession]:
    """Each as a filing of its own; some as history, some for a digest, and one of twenty broken."""
    made = []
    for number, data in documents:
        kind = chance.choices(["live", "history", "digest"], [8, 1, 1])[0]
        filing = Filing(
            accession=Accession(f"0009990900-25-{number:06d}"),
            form="4",
            issuer_cik=None,
            issuer_name=None,
            filed_on=None,
            links=Links(index="", submission=""),
            times=Times(),
            provenance=Provenance(history=kind != "live", digest="past" if kind == "digest" else None),
        )
        document = b"<ownershipDocument>" if number % 20 == 19 else ownership_xml(data) or data
        made.append((filing, FilingEvent(filing=filing, document=Original.of(document))))
    async with floor.database.transaction() as tx:
        await seen(tx, [filing.accession for filing, _ in made], "published")
        tx.emit(*(filing_event(event, now()) for _, event in made))
    return [filing.accession for filing, _ in made]


@pytest.mark.parametrize("database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True)
async def test_why_says_what_tables_and_receivers_show(either: Database, tmp_path: Path, figures: list[str]) -> None:
    """Two workspaces, rules that change in between, receivers that fail: exactly one state for each triple."""
    chance = random.Random(SEED)
    corpus = os.environ.get("FORM4_CORPUS")
    documents = list(enumerate(filed(Path(corpus) if corpus else None)))
    floor = Floor(either, tmp_path / "home", retry_seconds=(timedelta(hours=2).total_seconds(),))
    numbers, published, tables = iter(range(1000)), list[Accession](), Tables()
    async with Answers({f"{desk}-{name}": status for desk in "ab" for name, status in STATUSES.items()}) as receiver:
        journals = [Journal(await floor.desk(name)) for name in "ab"]
        for journal, name in zip(journals, "ab", strict=True):
            for path in PATHS:
                url = f"{receiver.url}/{name}-{path}"
                made = await journal.desk.add(CHANNEL, path, type="webhook", url=url, secrets=SECRET)
                journal.note(made, {})
            made = await journal.desk.switch(CHANNEL, "quiet", enabled=False)
            journal.note(made, {}, enabled=False)
            tickers = {"tickers": ["EXMP"]}
            journal.note(await journal.desk.add(WATCHLIST, "list", **tickers), tickers)
            for number, content in enumerate(({"channels": list(PATHS)}, *ASKED)):
                journal.note(await journal.desk.add(RULE, f"first-{number}", **content), content)
        async with floor.running("parser", "matcher", "dispatcher"):
            for start in range(0, len(documents), 15):
                for journal in journals:
                    await change(journal, chance, numbers)
                published += await publish(floor, documents[start : start + 15], chance)
                await eventually(partial(_read, either, tables, published))
            waiting = {journal.ids[CHANNEL, name] for journal in journals for name in ("quiet", "busy")}
            await eventually(lambda: _tried(either, floor, waiting))
        for journal in journals:
            await change(journal, chance, numbers)
        await tables.read(either)
        found = Counter[End]()
        while found.total() < TRIPLES:
            journal = chance.choice(journals)
            rule, channel = chance.choice(journal.of(RULE)), chance.choice(journal.of(CHANNEL))
            accession = chance.choice(published)
            expected = read_off(journal, tables, receiver, rule, accession, channel)
            if journal.stood[rule][-1].content is None and expected in (End.YOUNGER, End.DEAD_LETTER):
                continue  # gone, and not there then: there is no such rule to ask for
            account = await why(either, journal.desk.workspace, accession, rule=rule, channel=channel)
            assert [expected] == [way.end for way in account.ways], (rule, accession, channel)
            found[expected] += 1
    told = ", ".join(f"{count} {end}" for end, count in found.most_common())
    figures.append(
        f"why, seed {SEED}: {len(published)} filings, {found.total()} triples as tables and receivers say: {told}"
    )
    assert {End.SENT, End.DEAD, End.CIRCUIT_OPEN, End.CHANNEL_DISABLED, End.NOT_MET, End.YOUNGER} <= set(found)


async def _read(database: Database, tables: Tables, published: Sequence[Accession]) -> bool:
    await tables.read(database)
    return set(published) <= tables.matched.keys() | tables.dead


async def _tried(database: Database, floor: Floor, waiting: set[str]) -> bool:
    """Whether every delivery was tried once, but for those that wait: their channels are disabled, or out of order."""
    async with database.reading() as connection:
        untried = set(await connection.scalars(select(deliveries.c.channel).where(deliveries.c.tries == 0)))
        under_way = await connection.scalar(select(func.count()).where(deliveries.c.claimed.is_not(None)))
    return untried <= waiting and not under_way and await floor.through()
