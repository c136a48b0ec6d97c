"""Positions a log; claims, leases and dead letters, for more than one process."""

from datetime import datetime

import orjson
import sqlalchemy as sa
from alembic import op

from service.store.schema import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LETTERS = sa.table(
    "dead_letters",
    *(sa.column(name) for name in ("id", "stage", "reason", "accession", "event", "value", "state")),
    sa.column("died", Instant),
)


def upgrade() -> None:
    op.rename_table("positions", "positions_of_the_table")
    op.create_table(
        "positions",
        sa.Column("log", sa.Text, primary_key=True),
        sa.Column("group", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True),
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    op.execute(
        'INSERT INTO positions (log, "group", topic, "partition", next) '
        'SELECT \'table\', "group", topic, "partition", next FROM positions_of_the_table'
    )
    op.drop_table("positions_of_the_table")
    op.add_column("deliveries", sa.Column("claimed", Instant))
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("expires", Instant, nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("accession", sa.Text),
        sa.Column("event", sa.Text),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("died", Instant, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
    )
    op.create_index("dead_letters_by_state", "dead_letters", ["state", "died"])
    _keep_earlier_dead_letters()


def _keep_earlier_dead_letters() -> None:
    """What stands on form4.dead already can be listed and retried as well."""
    connection = op.get_bind()
    select = sa.text("SELECT id, value FROM events WHERE topic = 'form4.dead'")
    for event_id, value in connection.execute(select).all():
        letter = orjson.loads(value)
        row = {
            "id": event_id,
            "stage": letter["group"],
            "reason": letter["reason"],
            "accession": letter["accession"],
            "event": letter["id"],
            "value": value,
            "died": datetime.fromisoformat(letter["died"]),
            "state": "open",
        }
        connection.execute(_LETTERS.insert(), row)
