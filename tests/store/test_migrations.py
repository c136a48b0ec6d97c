"""Migrations with data in the tables: what an earlier version wrote means the same afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, bindparam, select, text

from service.model.audit import Change
from service.model.circuit import Circuit
from service.model.filing import Accession
from service.model.identity import DEFAULT, PersonId, Prefix, Revision, SilenceId, WorkspaceId, derived_id, new_id
from service.model.notice import Notice, NoticeKind
from service.model.person import Person
from service.model.resource import Resource
from service.model.silence import Matcher, Silence
from service.store import (
    Database,
    audit,
    channels,
    deliveries,
    digests,
    events,
    filings,
    gaps,
    gathered,
    ledger,
    links,
    matchings,
    messages,
    migrate,
    notices,
    people,
    positions,
    receipts,
    resources,
    schema,
    sessions,
    silences,
    tickers,
    tokens,
    workspaces,
)
from service.store.audit import WhichChanges
from service.store.database import open_database
from service.store.ids import Id
from service.store.ledger import Chosen
from service.store.links import Link
from service.store.receipts import Taken
from service.store.schema import Instant
from service.store.sessions import Session
from service.store.tickers import TickersReading
from service.wire import encode
from service.wire.topics import Topic
from tests.kit.filings import a_filing_event
from tests.kit.rows import all_of
from tests.kit.schemas import upgrade, with_connection

_ALERT = (
    "INSERT INTO alerts (id, accession, rule, value, created) VALUES (:id, 'f1', 'buys', '', '2025-01-01 00:00:00')"
)
_DELIVERY = (
    "INSERT INTO deliveries (alert, channel, state, tries, due, created) VALUES "
    "(:alert, :channel, :state, :tries, '2025-01-01 00:00:00', '2025-01-01 00:00:00')"
)
_ATTEMPT = (
    "INSERT INTO attempts (alert, channel, number, at, seconds, outcome, detail) VALUES "
    "('a1', 'desk', 1, '2025-01-01 00:00:00', 0.1, 'failed', '404 Not Found')"
)

_TOLD_IN = (
    "INSERT INTO deliveries (alert, channel, state, tries, due, created, told_in) VALUES "
    "('a2', 'desk', 'delivered', 0, '2025-01-01 00:00:00', '2025-01-01 00:00:00', 'd1')"
)
_NOTICE = (
    "INSERT INTO notices (id, kind, subject, value, raised, cleared, owed) VALUES "
    "(:id, :kind, 'x', :value, '2025-01-01 00:00:00', :cleared, :owed)"
)
_DIGESTED = "INSERT INTO digested (digest, channel, alert, added) VALUES ('b1', :channel, 'a3', '2025-01-01 00:00:00')"

_EVENT = "INSERT INTO events (topic, \"key\", id, headers, value) VALUES (:topic, 'k', :id, '{}', '{}')"
_FILING = (
    "INSERT INTO filings (accession, form, archive_cik, updated, seen, history, state, tries, due) VALUES (:accession, "
    "'4', '1', '2025-01-01 00:00:00', '2025-01-01 00:00:00', :history, :state, 0, '2025-01-01 00:00:00')"
)
_WATCHLIST = (
    "INSERT INTO resources (id, kind, workspace, name, section, enabled, revision, created) VALUES (:id, 'watchlist', "
    ":workspace, 'ours', :section, TRUE, 1, '2025-01-01 00:00:00')"
)
_CHANGE = (
    "INSERT INTO changes (revision, at, actor, workspace, kind, resource, name, action, after) VALUES (1, "
    "'2025-01-01 00:00:00', 'cli:anna', :workspace, 'watchlist', 'wtch_1', 'ours', 'added', :after)"
)


DESK, HOOK = (derived_id(Prefix.CHANNEL, DEFAULT, name) for name in ("desk", "hook"))


def test_deliveries_that_had_failed_are_dead(database_url: str) -> None:
    """0005: the word changes, the steps used up are the tries made, and every channel has its state."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0004")
        for alert, channel, state, tries in (("a1", "desk", "failed", 1), ("a2", "hook", "pending", 3)):
            connection.execute(text(_ALERT), {"id": alert})
            row = {"alert": alert, "channel": channel, "state": state, "tries": tries}
            connection.execute(text(_DELIVERY), row)
        connection.execute(text(_ATTEMPT))

    asyncio.run(with_connection(database_url, fill))
    counts, states, steps, outcomes = asyncio.run(_migrated(database_url))

    assert {(DESK, "dead"): 1, (HOOK, "pending"): 1} == counts
    assert sorted([DESK, HOOK]) == states
    assert [("a1", 0), ("a2", 3)] == steps
    assert ["dead"] == outcomes


def test_totals_begin_with_what_is_stored(database_url: str) -> None:
    """0006 and 0008: what was counted until then is a total, and goes on from there; every attempt is kept."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0005")
        for number, topic in enumerate(("form4.filings", "form4.filings", "form4.parsed")):
            connection.execute(text(_EVENT), {"topic": topic, "id": f"e{number}"})
        for number, state in enumerate(("published", "published", "pending", "dead")):
            connection.execute(text(_FILING), {"accession": f"f{number}", "state": state, "history": False})
        connection.execute(text(_ALERT), {"id": "a1"})
        for channel in ("desk", "hook"):
            row = {"alert": "a1", "channel": channel, "state": "delivered", "tries": 1}
            connection.execute(text(_DELIVERY), row)
            connection.execute(text("INSERT INTO channel_states (channel) VALUES (:channel)"), {"channel": channel})
        connection.execute(text(_ATTEMPT.replace("failed", "delivered")))

    async def looked() -> tuple[object, ...]:
        async with a_filing_more(await open_database(database_url)) as database:
            (delivery, *_) = await ledger.listed(database, Chosen(ids=("a1",), channels=(DESK,)), 9)
            tries = [one.number for one in await ledger.tries(database, delivery)]
            return (
                await events.counts(database),
                await filings.counts(database),
                await deliveries.counts(database),
                tries,
            )

    asyncio.run(with_connection(database_url, fill))

    assert (
        {"form4.filings": 3, "form4.parsed": 1},
        {"published": 2, "pending": 1, "dead": 1},
        {(DESK, "delivered"): 1, (HOOK, "delivered"): 1},
        [1],
    ) == asyncio.run(looked())


def test_alerts_digests_and_notices_are_messages(database_url: str) -> None:
    """0010 and 0011: each keeps its id, its body and its deliveries; what nothing is known of goes."""
    body = encode(_a_notice("n1"))

    def fill(connection: Connection) -> None:
        upgrade(connection, "0009")
        for alert in ("a1", "a2", "a3"):
            connection.execute(text(_ALERT), {"id": alert})
        for notice, kind, owed in (("n1", "lag", True), ("n2", "lag", False), ("d1", "digest", True)):
            cleared = None if notice == "n1" else datetime(2025, 1, 1, tzinfo=UTC)
            row = {"id": notice, "kind": kind, "value": body, "cleared": cleared, "owed": owed}
            connection.execute(text(_NOTICE).bindparams(bindparam("cleared", type_=Instant)), row)
        for message, state in (("a1", "pending"), ("n1", "delivered"), ("d1", "delivered"), ("lost", "dead")):
            row = {"alert": message, "channel": "desk", "state": state, "tries": 1}
            connection.execute(text(_DELIVERY), row)
        connection.execute(text(_ATTEMPT.replace("failed", "pending")))
        connection.execute(text(_TOLD_IN))
        for channel in ("desk", "never-told"):
            connection.execute(text(_DIGESTED), {"channel": channel})
        connection.execute(text("INSERT INTO channel_states (channel) VALUES ('desk')"))

    async def looked() -> tuple[object, ...]:
        database = await open_database(database_url)
        try:
            every = await ledger.listed(database, Chosen(), 9)
            (standing,) = await notices.standing(database)
            async with database.transaction() as tx:
                bodies = await messages.values(tx, ["n1", "n2", "d1"])
            ripe = await digests.ripe(database, datetime.now(UTC), [])
            alert = next(one for one in every if one.id == "a1")
            return (
                {(one.id, one.kind, one.state, one.told_in) for one in every},
                (alert.accession, alert.rule, alert.rule_id, len(await ledger.tries(database, alert))),
                (standing.notice, await notices.unowed(database)),
                bodies,
                sorted(ripe),
            )
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert (
        {
            ("a1", "alert", "pending", None),
            ("a2", "alert", "delivered", "d1"),
            ("n1", "notice", "delivered", None),
            ("d1", "digest", "delivered", None),
        },
        ("f1", "buys", derived_id(Prefix.RULE, DEFAULT, "buys"), 1),
        (_a_notice("n1"), ["n2"]),
        {"n1": body, "n2": body, "d1": body},
        sorted([("b1", DESK), ("b1", derived_id(Prefix.CHANNEL, DEFAULT, "never-told"))]),
    ) == asyncio.run(looked())


def test_times_are_the_same_as_before(database_url: str) -> None:
    """0016: on SQLite they become numbers, to the microsecond; what is not set stays so."""
    zone = "+00" if database_url.startswith("postgresql") else ""
    times = {
        "updated": "2025-01-02 15:04:05.678901",
        "seen": "2025-01-02 15:04:05",
        "due": "1999-12-31 23:59:59.999999",
    }

    def fill(connection: Connection) -> None:
        upgrade(connection, "0015")
        first, *others = (f"'{time}{zone}'" for time in times.values())
        values = ", ".join([first, *others])
        connection.execute(
            text(
                f"INSERT INTO filings (accession, form, archive_cik, {', '.join(times)}, history, state, tries) "
                f"VALUES ('f1', '4', '1', {values}, :history, 'pending', 0)"
            ),
            {"history": False},
        )
        connection.execute(text(f"INSERT INTO gaps (recorded, before, cause) VALUES ({first}, {first}, '')"))

    async def looked() -> tuple[object, ...]:
        database = await open_database(database_url)
        try:
            async with database.reading() as connection:
                filed = schema.filings.c
                found = (await connection.execute(select(filed.updated, filed.seen, filed.due))).one()
            (gap,) = await gaps.still_open(database)
            return (*found, gap.after, await filings.next_due(database))
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    expected = [datetime.fromisoformat(f"{time}+00:00") for time in times.values()]
    assert (*expected, None, expected[2]) == asyncio.run(looked())


def test_events_of_before_are_whole(database_url: str) -> None:
    """0019: they have nothing in common with others, and are read as they are beside those that have."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0018")
        event = text(_EVENT.removesuffix("'{}')") + ":value)")
        connection.execute(event, {"topic": "form4.filings", "id": "filing-f0", "value": b"{}"})

    async def looked() -> list[bytes]:
        async with a_filing_more(await open_database(database_url)) as database:
            return [one.value for one in await events.read_all(database, 0, 10)]

    asyncio.run(with_connection(database_url, fill))

    assert [b"{}", a_filing_event(1).value] == asyncio.run(looked())


def test_watchlists_of_earlier_versions_have_nothing_placed(database_url: str) -> None:
    """0020: what a ticker stands for is said by the list that comes; what was so at a revision stays."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0014")
        row = {"id": "wtch_1", "workspace": DEFAULT, "section": '{"tickers": ["AAPL"]}'}
        connection.execute(text(_WATCHLIST), row)
        stood = {
            "id": "wtch_1",
            "kind": "watchlist",
            "workspace": DEFAULT,
            "name": "ours",
            "section": {"tickers": ["AAPL"]},
        }
        after = json.dumps(stood | {"revision": 1, "created": "2025-01-01T00:00:00Z"})
        connection.execute(text(_CHANGE), {"workspace": DEFAULT, "after": after})

    asyncio.run(with_connection(database_url, fill))

    async def looked() -> tuple[list[Resource], list[Resource], TickersReading]:
        database = await open_database(database_url)
        try:
            _, now = await resources.every(database)
            then = await resources.as_of(database, DEFAULT, Revision(1))
            return now, then, await tickers.reading(database)
        finally:
            await database.close()

    now, then, reading = asyncio.run(looked())

    assert [("ours", ())] == [(one.name, one.placed) for one in now] == [(one.name, one.placed) for one in then]
    assert TickersReading() == reading


def test_what_was_changed_before_stands_in_the_log(database_url: str) -> None:
    """0024: the first link still works, for as long as it did; who was signed in signs in again."""
    at = datetime(2025, 1, 1, tzinfo=UTC)

    def fill(connection: Connection) -> None:
        upgrade(connection, "0022")
        for statement in (
            _WATCHLIST,
            _CHANGE,
            "INSERT INTO people VALUES ('pers_1', 'Anna', 'anna', 'x', true, :at, NULL)",
            "INSERT INTO sessions VALUES ('d', 'pers_1', :workspace, :at, :at, :at)",
            "INSERT INTO links VALUES ('d', NULL, NULL, 'filingbell', :at)",
        ):
            values = {"id": "wtch_1", "workspace": DEFAULT, "section": "{}", "after": "null", "at": at}
            mine = {name: value for name, value in values.items() if f":{name}" in statement}
            kinds = {"workspace": Id, "at": Instant}
            typed = [bindparam(name, type_=kinds[name]) for name in mine if name in kinds]
            connection.execute(text(statement).bindparams(*typed), mine)

    async def looked() -> tuple[list[Change], Link | None, list[Person], list[Session]]:
        database = await open_database(database_url)
        try:
            told = await audit.history(database, WhichChanges(workspace=DEFAULT, whole=True), 10)
            link = await links.find(database, "d", at - timedelta(hours=1))
            everybody = await people.every(database)
            return told, link, everybody, await sessions.every(database, PersonId("pers_1"), at - timedelta(hours=1))
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))
    told, link, everybody, signed = asyncio.run(looked())

    assert [("ours", "added")] == [(one.name, one.action) for one in told]
    assert link is not None
    assert (True, at) == (link.first, link.expires)
    assert [("Anna", 0)] == [(one.name, one.revision) for one in everybody]
    assert [] == signed


def test_who_is_signed_in_stays_so_in_a_browser_without_a_name(database_url: str) -> None:
    """0027: what a browser is called is kept from the next time on that somebody signs in."""
    at = datetime(2025, 1, 1, tzinfo=UTC)

    def fill(connection: Connection) -> None:
        upgrade(connection, "0026")
        kinds = [bindparam("workspace", DEFAULT, type_=Id), bindparam("at", at, type_=Instant)]
        person = "INSERT INTO people VALUES ('pers_1', 'Anna', 'anna', 'x', true, :at, NULL, 0)"
        connection.execute(text(person).bindparams(kinds[1]))
        columns = "digest, secret, renewed, due, person, workspace, created, seen, expires"
        session = f"INSERT INTO sessions ({columns}) VALUES ('d', 's', :at, :at, 'pers_1', :workspace, :at, :at, :at)"
        connection.execute(text(session).bindparams(*kinds))

    async def looked() -> list[Session]:
        database = await open_database(database_url)
        try:
            return await sessions.every(database, PersonId("pers_1"), at - timedelta(hours=1))
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))
    (signed,) = asyncio.run(looked())

    assert ("d", at, None) == (signed.digest, signed.seen, signed.browser)


def test_tokens_of_earlier_versions_have_whoever_made_them_answer(database_url: str) -> None:
    """0040: also for what was made with a token of theirs; nobody answers for what a command made."""
    at = datetime(2025, 1, 1, tzinfo=UTC)
    makers = {"hers": "person:Anna", "its": "token:hers", "of-its": "token:its", "typed": "cli:anna"}

    def fill(connection: Connection) -> None:
        upgrade(connection, "0039")
        kinds = [bindparam("workspace", DEFAULT, type_=Id), bindparam("at", at, type_=Instant)]
        person = "INSERT INTO people VALUES ('pers_1', 'Anna', 'anna', 'x', true, :at, :at, 0)"
        connection.execute(text(person).bindparams(kinds[1]))
        columns = "id, digest, workspace, name, scopes, made_by, created"
        token = text(f"INSERT INTO tokens ({columns}) VALUES (:name, :name, :workspace, :name, '[]', :made_by, :at)")
        for name, made_by in makers.items():
            connection.execute(token.bindparams(*kinds), {"name": name, "made_by": made_by})

    async def looked() -> dict[str, bool]:
        database = await open_database(database_url)
        try:
            return {one.name: one.refused for one in await tokens.every(database, DEFAULT)}
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert {"hers": True, "its": True, "of-its": True, "typed": False} == asyncio.run(looked())


def test_filings_of_the_past_are_found_by_their_symbols_from_then_on(database_url: str) -> None:
    """0032: nothing is known of what stands in those of before, so they can be anything."""
    at = datetime(2025, 1, 1, tzinfo=UTC)
    columns = "filing, source, form, issuer, symbol, known"

    def fill(connection: Connection) -> None:
        upgrade(connection, "0031")
        statement = text(f"INSERT INTO history_filings ({columns}) VALUES (:filing, 1, '4', :issuer, :symbol, :at)")
        for filing, (issuer, symbol) in enumerate([(1, "ABC"), (1, "ABC"), (2, "ABC"), (3, None)]):
            values = {"filing": filing, "issuer": issuer, "symbol": symbol}
            connection.execute(statement.bindparams(bindparam("at", at, type_=Instant)), values)

    async def looked() -> tuple[list[tuple[int, str]], set[int | None]]:
        database = await open_database(database_url)
        try:
            table = schema.history_symbols.c
            found = await all_of(database, table.issuer, table.symbol)
            return sorted(found), {one for (one,) in await all_of(database, schema.history_filings.c.traits)}
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert ([(1, "ABC"), (2, "ABC")], {None}) == asyncio.run(looked())


def test_what_was_decided_before_was_silenced_by_nobody(database_url: str) -> None:
    """0033: and what somebody silences from then on names its silence."""
    row = {"id": "a1", "workspace": DEFAULT}
    message = "INSERT INTO messages (id, kind, workspace, value, created) VALUES (:id, 'alert', :workspace, '', :at)"
    channel = (
        "INSERT INTO resources (id, kind, workspace, name, section, enabled, revision, created) VALUES "
        "(:id, 'channel', :workspace, 'desk', '{}', TRUE, 1, :at)"
    )
    delivery = (
        "INSERT INTO deliveries (message, channel, state, tries, due, created) VALUES "
        "('a1', :id, 'pending', 0, :at, :at)"
    )
    at = bindparam("at", datetime(2025, 1, 1, tzinfo=UTC), type_=Instant())
    kinds = [bindparam(name, type_=Id()) for name in ("id", "workspace")]

    def fill(connection: Connection) -> None:
        upgrade(connection, "0032")
        connection.execute(text(message).bindparams(at, *kinds), row)
        connection.execute(text(channel).bindparams(at, *kinds), row | {"id": DESK})
        connection.execute(text(delivery).bindparams(at, kinds[0]), {"id": DESK})

    async def looked() -> list[str | None]:
        database = await open_database(database_url)
        one = Silence(
            id=SilenceId(new_id(Prefix.SILENCE, datetime(2025, 1, 1, tzinfo=UTC))),
            workspace=DEFAULT,
            matcher=Matcher(tickers=("AAPL",)),
            reason="earnings",
            made_by="cli:anna",
            created=datetime(2025, 1, 1, tzinfo=UTC),
            ends=datetime(2025, 1, 2, tzinfo=UTC),
        )
        try:
            found = [each.silence for each in await ledger.listed(database, Chosen(), 10)]
            async with database.transaction() as tx:
                await silences.add(tx, one)
                await silences.suppress(tx, [("a1", DESK, one.id)], one.created)
            found += [each.silence for each in await ledger.listed(database, Chosen(silences=(one.id,)), 10)]
            return [each and each.replace(one.id, "it") for each in found]
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert [None, "it"] == asyncio.run(looked())


def test_what_was_taken_before_has_no_name_at_its_service(database_url: str) -> None:
    """0037: nobody had kept it; what follows such an alert stands by itself."""
    at = bindparam("at", datetime(2025, 1, 1, tzinfo=UTC), type_=Instant())
    kinds = [bindparam(name, type_=Id()) for name in ("id", "workspace")]
    statements = (
        "INSERT INTO messages (id, kind, workspace, value, created) VALUES ('a1', 'alert', :workspace, '', :at)",
        (
            "INSERT INTO resources (id, kind, workspace, name, section, enabled, revision, created) VALUES "
            "(:id, 'channel', :workspace, 'desk', '{}', TRUE, 1, :at)"
        ),
        (
            "INSERT INTO deliveries (message, channel, state, tries, due, created) VALUES "
            "('a1', :id, 'delivered', 1, :at, :at)"
        ),
    )

    def fill(connection: Connection) -> None:
        upgrade(connection, "0036")
        for statement in statements:
            used = [one for one in kinds if f":{one.key}" in statement]
            values = {"id": DESK, "workspace": DEFAULT}
            connection.execute(text(statement).bindparams(at, *used), {one.key: values[one.key] for one in used})

    async def looked() -> tuple[Taken | None, list[str | None]]:
        database = await open_database(database_url)
        try:
            listed = await ledger.listed(database, Chosen(), 10)
            return await receipts.of(database, "a1", DESK), [one.beyond for one in listed]
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))
    taken, beyond = asyncio.run(looked())

    assert Taken(message="a1", receipt=None) == taken  # 0042: nor with which others it was told
    assert [None] == beyond  # 0044: no maximum an hour held it


def test_positions_of_earlier_versions_know_no_event(database_url: str) -> None:
    """0046: a position of before has its offset alone, goes on from there, and learns which event was the last."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0044")
        place = "('kafka a', 'parser', 'form4.filings', 1, 7)"
        connection.execute(text(f'INSERT INTO positions (log, "group", topic, partition, next) VALUES {place}'))

    async def moved() -> list[positions.Position]:
        database = await open_database(database_url)
        place = "parser", Topic.FILINGS, 1
        try:
            before = await positions.reached(database, *place, "kafka a")
            async with database.transaction() as tx:
                await positions.advance(tx, *place, 7, 9, "kafka a", handled=5)
            async with database.transaction() as tx:
                await positions.advance(tx, *place, 9, 11, "kafka a")
            return [before, await positions.reached(database, *place, "kafka a")]
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert [(7, 0), (11, 5)] == asyncio.run(moved())


def test_before_filings_of_earlier_versions_nothing_was_looked_up(database_url: str) -> None:
    """0039: of what was matched before, nobody kept how far back the past was whole."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0038")
        held = text("INSERT INTO matchings (accession, revision, at) VALUES ('f1', 1, :at)")
        connection.execute(held.bindparams(bindparam("at", type_=Instant())), {"at": datetime(2025, 1, 1, tzinfo=UTC)})

    async def looked() -> tuple[object, ...]:
        database = await open_database(database_url)
        try:
            found = await matchings.of(database, Accession("f1"))
            return found, await matchings.complete_of(database, Accession("f1"))
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert ((1, datetime(2025, 1, 1, tzinfo=UTC)), None) == asyncio.run(looked())


def test_no_channel_waits_for_a_digest_at_first(database_url: str) -> None:
    """0034, 0036, 0041: until something is gathered for one. Of what it took before nothing is known: it is sent to."""

    def fill(connection: Connection) -> None:
        upgrade(connection, "0033")
        row = {"id": DESK, "workspace": DEFAULT, "at": datetime(2025, 1, 1, tzinfo=UTC)}
        channel = (
            "INSERT INTO resources (id, kind, workspace, name, section, enabled, revision, created) VALUES "
            "(:id, 'channel', :workspace, 'desk', '{}', TRUE, 1, :at)"
        )
        kinds = [bindparam(name, type_=Id()) for name in ("id", "workspace")]
        connection.execute(text(channel).bindparams(bindparam("at", type_=Instant()), *kinds), row)
        state = "INSERT INTO channel_states (channel, failures) VALUES (:id, 0)"
        connection.execute(text(state).bindparams(kinds[0]), {"id": DESK})

    async def looked() -> list[object]:
        database = await open_database(database_url)
        try:
            before = await gathered.times(database)
            async with database.transaction() as tx:
                await deliveries.expect(tx, {DESK: datetime(2026, 1, 1, tzinfo=UTC)})
            (state,) = await channels.states(database)
            return [before, await gathered.times(database), state.recent, state.circuit]
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert [{}, {DESK: datetime(2026, 1, 1, tzinfo=UTC)}, None, Circuit()] == asyncio.run(looked())


def test_a_file_goes_on_saying_where_notices_go(database_url: str) -> None:
    """0045: until then a file alone could; where it said nothing, people may choose."""
    other = WorkspaceId(derived_id(Prefix.WORKSPACE, "other"))
    at = bindparam("at", datetime(2025, 1, 1, tzinfo=UTC), type_=Instant())

    def fill(connection: Connection) -> None:
        upgrade(connection, "0044")
        named = text("UPDATE workspaces SET operations = :named").bindparams(bindparam("named", [DESK], type_=JSON))
        connection.execute(named)
        channel = text(
            "INSERT INTO resources (id, kind, workspace, name, section, enabled, file, revision, created) VALUES "
            "(:id, 'channel', :workspace, 'desk', '{}', TRUE, '/etc/fb.yaml', 1, :at)"
        )
        ids = [bindparam(name, value, type_=Id()) for name, value in (("id", DESK), ("workspace", DEFAULT))]
        connection.execute(channel.bindparams(at, *ids))
        silent = text(
            "INSERT INTO workspaces (id, name, operations, created, revision) VALUES (:id, 'other', '[]', :at, 0)"
        )
        connection.execute(silent.bindparams(at, bindparam("id", other, type_=Id())))

    async def looked() -> list[tuple[tuple[str, ...], str | None]]:
        database = await open_database(database_url)
        try:
            return [(one.operations, one.operations_file) for one in await workspaces.every(database)]
        finally:
            await database.close()

    asyncio.run(with_connection(database_url, fill))

    assert [((DESK,), "/etc/fb.yaml"), ((), None)] == asyncio.run(looked())


def _a_notice(name: str) -> Notice:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return Notice(id=name, kind=NoticeKind.LAG, subject="x", cleared=False, headline="behind", lines=(), at=at)


@asynccontextmanager
async def a_filing_more(database: Database) -> AsyncIterator[Database]:
    """*database*, with one more event on form4.filings."""
    try:
        async with database.transaction() as tx:
            tx.emit(a_filing_event(1))
        yield database
    finally:
        await database.close()


def test_migrations_stand_in_one_line() -> None:
    """Each has a number of its own and follows the one before it: two of them side by side would leave one out."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    known = migrate.revisions()

    assert known == sorted(set(known))
    assert [(one.revision, one.down_revision) for one in reversed(scripts)] == list(
        zip(known, [None, *known], strict=False)
    )


async def _migrated(
    url: str,
) -> tuple[dict[tuple[str, str], int], list[str], list[tuple[str, int]], list[str]]:
    database = await open_database(url)
    try:
        async with database.reading() as connection:
            states = sorted(await connection.scalars(select(schema.channel_states.c.channel)))
            rows = await connection.execute(select(schema.deliveries.c.message, schema.deliveries.c.steps))
            steps = sorted((message, count) for message, count in rows)
            outcomes = list(await connection.scalars(text("SELECT outcome FROM attempts")))
        return await deliveries.counts(database), states, steps, outcomes
    finally:
        await database.close()
