"""The tables, the same on SQLite and PostgreSQL. A change here needs a migration in ``migrations/versions``."""

from service.store.schema.base import Day, Exact, Instant, literally, metadata
from service.store.schema.control import changes, resources, revisions, silences, workspaces
from service.store.schema.delivery import NEXT, attempts, channel_states, deliveries, digested, messages, notices
from service.store.schema.filings import backfills, days, filings, gaps, listed, marks
from service.store.schema.history import (
    history_documents,
    history_facts,
    history_filings,
    history_notes,
    history_owners,
    history_rows,
    history_sets,
    history_symbols,
)
from service.store.schema.log import events, positions, shared, tallies
from service.store.schema.matching import matchings, rule_failures, rule_habits, rule_rates
from service.store.schema.people import links, memberships, people, repeats, sessions, tokens
from service.store.schema.running import dead_letters, leases, processes, requests
from service.store.schema.tape import parties, party_words, rang, tape, tape_keys
from service.store.schema.tickers import moved_tickers, ticker_lists

__all__ = [
    "NEXT",
    "Day",
    "Exact",
    "Instant",
    "attempts",
    "backfills",
    "changes",
    "channel_states",
    "days",
    "dead_letters",
    "deliveries",
    "digested",
    "events",
    "filings",
    "gaps",
    "history_documents",
    "history_facts",
    "history_filings",
    "history_notes",
    "history_owners",
    "history_rows",
    "history_sets",
    "history_symbols",
    "leases",
    "links",
    "listed",
    "literally",
    "marks",
    "matchings",
    "memberships",
    "messages",
    "metadata",
    "moved_tickers",
    "notices",
    "parties",
    "party_words",
    "people",
    "positions",
    "processes",
    "rang",
    "repeats",
    "requests",
    "resources",
    "revisions",
    "rule_failures",
    "rule_habits",
    "rule_rates",
    "sessions",
    "shared",
    "silences",
    "tallies",
    "tape",
    "tape_keys",
    "ticker_lists",
    "tokens",
    "workspaces",
]
