"""On SQLite a time is the microseconds since 1970: as text it took three times the room, in rows and indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_TIMES = {
    "attempts": ("at",),
    "backfills": ("due", "created"),
    "changes": ("at",),
    "channel_states": (
        "free_at",
        "paused_until",
        "claimed",
        "missing_since",
        "failing_since",
        "failed_at",
        "succeeded_at",
        "disabled_since",
        "probe_at",
    ),
    "days": ("due", "read"),
    "dead_letters": ("died",),
    "deliveries": ("due", "planned", "created", "settled", "claimed", "acknowledged", "held_until"),
    "digested": ("added",),
    "filings": ("updated", "seen", "due"),
    "gaps": ("recorded", "before", "after", "closed"),
    "leases": ("expires",),
    "marks": ("at",),
    "matchings": ("at",),
    "messages": ("created",),
    "notices": ("raised", "cleared"),
    "processes": ("started", "beat", "ended", "config_loaded"),
    "resources": ("created", "removed"),
    "rule_failures": ("at",),
    "workspaces": ("created",),
}


def upgrade() -> None:
    if op.get_context().dialect.name != "sqlite":
        return
    for name, times in _TIMES.items():
        table = sa.table(name, *map(sa.column, times))
        op.execute(sa.update(table).values({time: _number(table.c[time]) for time in times}))


def _number(time: sa.ColumnElement[str]) -> sa.ColumnElement[int]:
    """``2025-01-02 15:04:05.678901`` as a number; what is one already, or null, stays."""
    seconds = sa.func.strftime("%s", sa.func.substr(time, 1, 19)).cast(sa.BigInteger)
    fraction = sa.func.substr(time, 21, 6).cast(sa.BigInteger)
    return sa.case((sa.func.typeof(time) == "text", seconds * 1_000_000 + fraction), else_=time)
