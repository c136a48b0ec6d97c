"""Who answers for a token: while they are disabled, it is refused."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

_BY_A_PERSON = """
    UPDATE tokens SET person = (SELECT people.id FROM people WHERE 'person:' || people.name = tokens.made_by)
"""
_INHERITED = """
    UPDATE tokens SET person = (
        SELECT min(maker.person) FROM tokens AS maker
        WHERE maker.workspace = tokens.workspace AND 'token:' || maker.name = tokens.made_by
    )
    WHERE person IS NULL AND EXISTS (
        SELECT 1 FROM tokens AS maker
        WHERE maker.workspace = tokens.workspace AND 'token:' || maker.name = tokens.made_by
        AND maker.person IS NOT NULL
    )
"""


def upgrade() -> None:
    op.execute("ALTER TABLE tokens ADD COLUMN person TEXT REFERENCES people (id)")
    op.execute(_BY_A_PERSON)
    while op.get_bind().execute(sa.text(_INHERITED)).rowcount:  # a token may have made one that made another
        pass
