"""Rules, watchlists and channels as data, in workspaces, with every change kept."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from alembic import op

from service.model.identity import DEFAULT, Prefix, derived_id
from service.store.packing import Packed
from service.store.schema import Instant
from service.wire.codec import encode

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    workspaces = op.create_table(
        "workspaces",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("operations", sa.JSON, nullable=False),
        sa.Column("created", Instant, nullable=False),
    )
    op.create_table(
        "resources",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("section", sa.JSON, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("file", sa.Text),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("removed", Instant),
    )
    there = sa.text("removed IS NULL")
    op.create_index(
        "resources_by_name",
        "resources",
        ["workspace", "kind", "name"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )
    op.create_index("resources_by_revision", "resources", ["revision"])
    op.create_table(
        "changes",
        sa.Column("revision", sa.BigInteger, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, sa.ForeignKey("workspaces.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("resource", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
    )
    op.create_index("changes_by_resource", "changes", ["resource", "revision"])
    op.create_table(
        "matchings",
        sa.Column("accession", sa.Text, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    revisions = op.create_table(
        "revisions",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("current", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(workspaces, [{"id": DEFAULT, "name": "default", "operations": [], "created": datetime.now(UTC)}])
    op.bulk_insert(revisions, [{"name": "resources", "current": 0}])
    bind = op.get_bind()
    named = (bind.execute(sa.text(f"SELECT DISTINCT channel FROM {table}")).scalars() for table in _CHANNELS)  # noqa: S608
    for name in {name for names in named for name in names}:
        _give_id(name)
    for table in (_alerts, _events):
        _rewrite(table)


_CHANNELS = ("channel_states", "deliveries", "attempts", "digested")
_alerts = sa.table("alerts", sa.column("id"), sa.column("value", Packed))
_events = sa.table("events", sa.column("id"), sa.column("topic"), sa.column("value", Packed))


def _give_id(name: str) -> None:
    """A channel was known by its name in a file. When that is applied, it gets this id again, and what it is owed."""
    channel, now = derived_id(Prefix.CHANNEL, DEFAULT, name), datetime.now(UTC)
    resources = sa.table(
        "resources",
        *(sa.column(column) for column in ("id", "kind", "workspace", "name", "enabled", "revision")),
        sa.column("section", sa.JSON),
        sa.column("created", Instant),
        sa.column("removed", Instant),
    )
    op.bulk_insert(
        resources,
        [
            {
                "id": channel,
                "kind": "channel",
                "workspace": DEFAULT,
                "name": name,
                "section": {},
                "enabled": True,
                "revision": 0,
                "created": now,
                "removed": now,
            }
        ],
    )
    for table in _CHANNELS:
        known = sa.table(table, sa.column("channel"))
        op.execute(sa.update(known).where(known.c.channel == name).values(channel=channel))
    tallies = sa.table("tallies", sa.column("name"))
    total = sa.update(tallies).where(tallies.c.name == f"delivered.{name}")
    op.execute(total.values(name=f"delivered.{channel}"))


def _rewrite(table: sa.TableClause) -> None:
    """Alerts that are kept say whose they are and by which rule, and how their filing came here, as they do now."""
    bind = op.get_bind()
    query = sa.select(table.c.id)
    if "topic" in table.c:
        query = query.where(table.c.topic == "form4.alerts")
    for alert in list(bind.execute(query).scalars()):
        value = bind.scalar(sa.select(table.c.value).where(table.c.id == alert))
        if not value:
            continue  # the log has it, or it is pruned
        content = json.loads(value, parse_float=Decimal)
        filing = content["filing"]
        found = {"source": "feed", "history": False, "digest": None}
        filing["provenance"] = {name: filing.pop(name, default) for name, default in found.items()}
        content.pop("channels", None)
        content["workspace"] = DEFAULT
        content["rule_id"] = derived_id(Prefix.RULE, DEFAULT, content["rule"])
        content["rule_revision"] = 0
        op.execute(sa.update(table).where(table.c.id == alert).values(value=encode(content)))
