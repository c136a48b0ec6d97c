"""Alerts, digests and notices are messages; what is owed of them hangs on keys: to its message and its channel."""

import sqlalchemy as sa
from alembic import op

from service.model.identity import DEFAULT, Prefix, derived_id
from service.store.packing import Packed
from service.store.schema import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = ("id", "kind", "workspace", "accession", "rule_id", "rule_revision", "rule", "value", "created")
_messages = sa.table("messages", *map(sa.column, _COLUMNS))
_alerts = sa.table("alerts", *map(sa.column, ("id", "accession", "rule", "value", "created")))
_notices = sa.table("notices", *map(sa.column, ("id", "kind", "value", "raised")))


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("accession", sa.Text),
        sa.Column("rule_id", sa.Text),
        sa.Column("rule_revision", sa.BigInteger),
        sa.Column("rule", sa.Text),
        sa.Column("value", Packed, nullable=False),
        sa.Column("created", Instant, nullable=False),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE messages ALTER COLUMN value SET STORAGE EXTERNAL")  # it is compressed by us
    _take_over()
    op.create_index("ix_messages_accession", "messages", ["accession"])
    op.create_index("ix_messages_created", "messages", ["created"])
    op.drop_table("alerts")
    op.execute("ALTER TABLE notices RENAME COLUMN id TO message")
    with op.batch_alter_table("notices") as notices:
        notices.drop_column("value")
        notices.create_foreign_key("notices_message_fkey", "messages", ["message"], ["id"])
    for table, rowid in (("deliveries", True), ("attempts", False), ("digested", True)):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN alert TO message")
        with op.batch_alter_table(table, table_kwargs={"sqlite_with_rowid": rowid}) as keyed:
            keyed.create_foreign_key(f"{table}_message_fkey", "messages", ["message"], ["id"])
            keyed.create_foreign_key(f"{table}_channel_fkey", "resources", ["channel"], ["id"])
    with op.batch_alter_table("channel_states") as states:
        states.create_foreign_key("channel_states_channel_fkey", "resources", ["channel"], ["id"])
    op.create_index("digested_by_message", "digested", ["message"])


def _take_over() -> None:
    """Until now there was one workspace, and a rule had its id by its name."""
    said = _alerts.c
    for rule in list(op.get_bind().execute(sa.select(said.rule).distinct()).scalars()):
        of = (_text(derived_id(Prefix.RULE, DEFAULT, rule)), sa.literal(0), said.rule)
        alerts = sa.select(said.id, _text("alert"), _text(DEFAULT), said.accession, *of, said.value, said.created)
        op.execute(_messages.insert().from_select(_COLUMNS, alerts.where(said.rule == rule)))
    said = _notices.c
    kind = sa.case((said.kind == "digest", "digest"), else_="notice")
    none = (sa.null(), sa.null(), sa.null(), sa.null())
    notices = sa.select(said.id, kind, _text(DEFAULT), *none, said.value, said.raised)
    op.execute(_messages.insert().from_select(_COLUMNS, notices))
    op.execute(_notices.delete().where(said.kind == "digest"))  # it was told, and never stood
    for name in ("attempts", "deliveries", "digested"):  # what nobody can send, for there is nothing to say
        keyed = sa.table(name, sa.column("alert"))
        op.execute(keyed.delete().where(keyed.c.alert.not_in(sa.select(_messages.c.id))))


def _text(value: str) -> sa.ColumnElement[str]:
    return sa.literal(value, sa.Text)
