"""Which right a role of PostgreSQL lacks, and the GRANT that gives it."""

import re

_SCHEMA = re.compile(r"permission denied for schema (\S+)")
_OWNER = re.compile(r"must be owner of")
_READS = re.compile(r"\s*(SELECT|SHOW)\b(?!.*\bFOR (NO KEY )?(UPDATE|SHARE)\b)", re.IGNORECASE | re.DOTALL)


def missing(where: str, said: str, statement: str, role: str | None) -> str:
    """What to tell whoever runs filingbell as *role* of what the server has *said* of *statement*."""
    whom = f'"{role}"' if role else "the role"
    schema = _SCHEMA.search(said)
    if _OWNER.search(said):
        mended = "let the role that owns the tables migrate: `filingbell migrate`, with its address"
    elif schema and statement.lstrip().upper().startswith("CREATE"):
        mended = f"GRANT USAGE, CREATE ON SCHEMA {schema[1]} TO {whom}"
    elif schema:
        mended = f"GRANT USAGE ON SCHEMA {schema[1]} TO {whom}"
    elif _READS.match(statement):
        mended = f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {whom}"
    elif statement:
        mended = (
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {whom}; "
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {whom}"
        )
    else:
        mended = f"GRANT CONNECT ON DATABASE ... TO {whom}"
    return (
        f"{where} does not let {whom if role else 'this role'} do that: {said}. To allow it, as the owner: {mended}. "
        "docs/scaling.md says which rights are needed for what"
    )
