"""On SQLite ids of 128 bits are stored as these bits: half of what they take as text, in rows, keys and indexes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.ids import shortened

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_LONGEST = 28  # characters of those that are surely something else, such as the events of filings
_IDS = {
    "workspaces": ("id",),
    "resources": ("id", "workspace"),
    "changes": ("workspace", "resource"),
    "rule_failures": ("rule",),
    "moved_tickers": ("watchlist", "workspace"),
    "events": ("id",),
    "messages": ("id", "workspace", "rule_id"),
    "notices": ("message",),
    "digested": ("channel", "message"),
    "channel_states": ("channel",),
    "deliveries": ("message", "channel", "told_in"),
    "attempts": ("message", "channel"),
}


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        return
    driver: Any = op.get_bind().connection.driver_connection
    driver.create_function("shortened", 1, lambda text: text and shortened(text), deterministic=True)
    op.execute("PRAGMA defer_foreign_keys = ON")  # what belongs together is together again at the commit
    for name, ids in _IDS.items():
        table = sa.table(name, *map(sa.column, ids))
        long = (sa.func.length(table.c[one]) > _LONGEST for one in ids)
        op.execute(sa.update(table).values({one: _stored(table.c[one]) for one in ids}).where(sa.or_(*long)))


def _stored(text: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((sa.func.typeof(text) == "text", sa.func.shortened(text)), else_=text)
