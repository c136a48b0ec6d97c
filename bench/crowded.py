"""A database with very many alerts: SQLite makes them itself, from the tape, as the stages would have left them."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from bench import ruleset
from bench.filled import CHANNELS, Filler, samples
from service.clock import now
from service.control import provision
from service.model.identity import DEFAULT
from service.model.resource import Actor
from service.settings import Settings
from service.store import Database, Transaction, packing
from service.store.ids import shortened
from service.vault import Vault
from service.wire import encode

RULES = 1_000
_MICROSECONDS = 1_000_000
_DAY = timedelta(days=1)

_SECTIONS: dict[str, Any] = {
    "desk": {"type": "slack", "url": "https://hooks.slack.com/services/T0/B0/X"},
    "hook": {"type": "webhook", "url": "https://example.com/alerts"},
}
_NUMBERS = "WITH RECURSIVE n(n) AS (VALUES (0) UNION SELECT n + 1 FROM n LIMIT :each) SELECT n FROM n"
_PREPARED = (
    "PRAGMA cache_size = -800000",  # KiB: the whole file, whose ids come in no order
    f"CREATE TEMP TABLE numbers AS {_NUMBERS}",
    "CREATE TEMP TABLE rung AS SELECT id, name FROM resources WHERE kind = 'rule'",
    "CREATE TEMP TABLE bodies (value BLOB, headers TEXT)",
)
_ALERTS = """
INSERT INTO messages (id, kind, workspace, accession, rule_id, rule_revision, rule, urgent, value, created)
SELECT randomblob(16), 'alert', :workspace, tape.accession, rung.id, 1, rung.name, 0, x'', tape.accepted + numbers.n
FROM tape CROSS JOIN numbers CROSS JOIN rung
WHERE rung.rowid = 1 + (tape.rowid * 31 + numbers.n * 97) % (SELECT count(*) FROM rung)
"""
_RANG = "INSERT OR IGNORE INTO rang (accession, workspace, accepted) SELECT accession, :workspace, accepted FROM tape"
_BODIES = """
INSERT INTO events (topic, key, id, headers, value)
SELECT 'form4.alerts', messages.accession, messages.id, bodies.headers, bodies.value
FROM messages CROSS JOIN bodies
WHERE bodies.rowid = 1 + messages.rowid % (SELECT count(*) FROM bodies) AND messages.created >= :kept
"""
_DELIVERIES = """
INSERT INTO deliveries (message, channel, state, tries, steps, due, created, settled, reason)
SELECT id, :channel, CASE WHEN rowid % 19997 = 0 THEN 'pending' WHEN rowid % 1999 = 0 THEN 'dead' ELSE 'delivered' END,
  1, 0, created, created, CASE WHEN rowid % 19997 = 0 THEN NULL ELSE created + 50000 END,
  CASE WHEN rowid % 19997 = 0 OR rowid % 1999 = 0 THEN 'server-error' END
FROM messages WHERE kind = 'alert'
"""
_ATTEMPTS = """
INSERT INTO attempts (message, channel, number, at, seconds, outcome, status, detail)
SELECT message, channel, 1, created, 0.05, state, CASE state WHEN 'delivered' THEN 200 ELSE 503 END,
  CASE state WHEN 'delivered' THEN '200 OK' ELSE '503 Service Unavailable' END
FROM deliveries
"""


async def fill(database: Database, vault: Vault, filings: int, alerts: int) -> None:
    """*filings* over busy days, and *alerts* on them for `RULES` rules of one workspace, to two channels."""
    asked = ruleset.sections(RULES, "desk") | {"channels": _SECTIONS}
    await provision.apply(database, vault, Actor(name="bench", workspace=DEFAULT, file="bench.yaml"), asked, now())
    kept = Settings().retention
    filler = Filler(database, filings, alerts=0.0, kept=kept)
    await filler.fill(filings)
    async with database.transaction() as tx:
        await _ring(tx, alerts // filings, int((now() - kept).timestamp()) * _MICROSECONDS)
    await filler.read()


async def _ring(tx: Transaction, each: int, kept: int) -> None:
    """*each* alert on every filing; the log has those from *kept* on."""
    for statement in _PREPARED:
        await tx.execute(text(statement), {"each": each} if ":each" in statement else None)
    workspace = shortened(DEFAULT)
    for one in samples():
        body = {"value": packing.pack(one.alert.value), "headers": encode(packing.shortened(one.alert)).decode()}
        await tx.execute(text("INSERT INTO bodies (value, headers) VALUES (:value, :headers)"), body)
    await tx.execute(text(_ALERTS), {"workspace": workspace})
    await tx.execute(text(_RANG), {"workspace": workspace})
    await tx.execute(text(_BODIES), {"kept": kept})
    for channel in CHANNELS:
        await tx.execute(text(_DELIVERIES), {"channel": shortened(channel)})
    await tx.execute(text(_ATTEMPTS))
    await tx.execute(text("ANALYZE"))
