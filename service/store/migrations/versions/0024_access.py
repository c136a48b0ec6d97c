"""The log of changes has people, invitations and tokens too; sessions change their secret; links are of three kinds."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from service.model.identity import Prefix, new_id
from service.store.ids import Id
from service.store.schema import Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_OLD = ("digest", "workspace", "role", "made_by", "expires")
_A_DAY = timedelta(hours=24)  # how long a link lasted


def upgrade() -> None:
    with op.batch_alter_table("changes") as changes:
        changes.alter_column("workspace", existing_type=Id, nullable=True)
    op.create_index("changes_by_workspace", "changes", ["workspace", "revision"])
    for table in ("workspaces", "people", "memberships"):
        op.add_column(table, sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("memberships_by_workspace", "memberships", ["workspace"])
    _sessions()
    _links()


def _sessions() -> None:
    """Those of before end: nobody knows what theirs would have to show."""
    op.execute("DELETE FROM sessions")
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("secret", sa.Text, nullable=False))
        sessions.add_column(sa.Column("previous", sa.Text))
        sessions.add_column(sa.Column("renewed", Instant, nullable=False))
        sessions.add_column(sa.Column("due", Instant, nullable=False))


def _links() -> None:
    links = sa.table("links", *map(sa.column, _OLD[:-1]), sa.column("expires", Instant))
    before = [row._asdict() for row in op.get_bind().execute(sa.select(*links.c))]
    op.drop_table("links")
    made = op.create_table(
        "links",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("id", Id, nullable=False, unique=True),
        sa.Column("workspace", Id, sa.ForeignKey("workspaces.id")),
        sa.Column("role", sa.Text),
        sa.Column("person", Id, sa.ForeignKey("people.id")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("created", Instant, nullable=False),
        sa.Column("expires", Instant, nullable=False),
    )
    now = datetime.now(UTC)
    more = ({"id": new_id(Prefix.INVITATION, now), "name": "", "created": row["expires"] - _A_DAY} for row in before)
    for row, rest in zip(before, more, strict=True):
        op.execute(made.insert().values(**row, **rest))
