"""What insiders and companies did before: every filing as parsed, row by row, whoever brought it.

A filing that the feed brought and that a quarterly set of the SEC has as well stands twice, once for each source; the
feed's is the better one, since sets round to two decimals.

Rows are narrow, and say what rules most often ask of the past. The rest of a filing lies beside them, packed: the whole
event of one that the feed brought, once the log has forgotten it, and the notes of one that only a set has.

Facts of rows lie beside them too, as numbers, once somebody has read the filing to tell them. They can be missing, and
say nothing that the filing does not: without them a search reads it again.
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, SmallInteger, Table, Text

from service.store.packing import Packed
from service.store.schema.base import SEQUENCE, Day, Exact, Instant, metadata, only

history_filings = Table(
    "history_filings",
    metadata,
    Column("filing", BigInteger, primary_key=True),  # its accession number, in an order of years
    Column("source", SmallInteger, primary_key=True),  # 0: the feed, an index or a backfill; 1: a set
    Column("form", Text, nullable=False),
    Column("issuer", BigInteger, nullable=False),  # its CIK
    Column("company", Text),
    Column("symbol", Text),  # as filed
    Column("known", Instant, nullable=False),  # from when on everybody could know it
    Column("filed", Day),
    Column("period", Day),
    Column("amends", Day),  # an amendment: the day of what it amends
    Column("plan", SmallInteger),  # the 10b5-1 box
    Column("left", SmallInteger),  # the exit box
    Column("brought", Integer),  # by which set; null: by none
    Column("traits", BigInteger),  # what stands in it, as `service.model.trait` counts; null: a version before kept it
    Index("history_by_issuer", "issuer", "known"),
    Index("history_by_time", "known", "filing", "source", "traits"),  # all that a search over years looks at
    only("history_by_set", "brought", where="brought IS NOT NULL"),
)

history_owners = Table(
    "history_owners",
    metadata,
    Column("filing", BigInteger, primary_key=True),
    Column("source", SmallInteger, primary_key=True),
    Column("owner", BigInteger, primary_key=True),  # its CIK
    Column("rpt_owner_name", Text),
    Column("is_director", SmallInteger),
    Column("is_officer", SmallInteger),
    Column("is_ten_percent_owner", SmallInteger),
    Column("is_other", SmallInteger),
    Column("officer_title", Text),
    Column("other_text", Text),
    Index("history_by_owner", "owner", "filing"),
    sqlite_with_rowid=False,
)

history_rows = Table(
    "history_rows",
    metadata,
    Column("filing", BigInteger, primary_key=True),
    Column("source", SmallInteger, primary_key=True),
    Column("part", SmallInteger, primary_key=True),  # Table I: 1 changed hands, 2 is held; Table II: 3, 4
    Column("number", BigInteger, primary_key=True),  # its place in the table; in a set the SEC's own number
    Column("security_title", Text),
    Column("conversion_or_exercise_price", Exact),
    Column("transaction_date", Day),
    Column("deemed_execution_date", Day),
    Column("transaction_form_type", Text),
    Column("transaction_code", Text),
    Column("equity_swap_involved", SmallInteger),
    Column("transaction_timeliness", Text),
    Column("transaction_shares", Exact),
    Column("transaction_total_value", Exact),
    Column("transaction_price_per_share", Exact),
    Column("transaction_acquired_disposed_code", Text),
    Column("exercise_date", Day),
    Column("expiration_date", Day),
    Column("underlying_security_title", Text),
    Column("underlying_security_shares", Exact),
    Column("underlying_security_value", Exact),
    Column("shares_owned_following_transaction", Exact),
    Column("value_owned_following_transaction", Exact),
    Column("direct_or_indirect_ownership", Text),
    Column("nature_of_ownership", Text),
    Column("notes", Text),  # which footnotes its boxes cite: security_title=F1,F2;exercise_date=F3; null: none
    sqlite_with_rowid=False,
)

history_symbols = Table(
    "history_symbols",
    metadata,
    Column("issuer", BigInteger, primary_key=True),  # its CIK
    Column("symbol", Text, primary_key=True),  # what one of its filings had in a symbol box, as filed
    sqlite_with_rowid=False,
)

history_documents = Table(
    "history_documents",
    metadata,
    Column("filing", SEQUENCE, primary_key=True, autoincrement=False),
    Column("value", Packed, nullable=False),  # what form4.parsed said of it; filled when the log forgets that
)

history_notes = Table(
    "history_notes",  # of filings that a set has brought
    metadata,
    Column("filing", BigInteger, primary_key=True),
    Column("number", SmallInteger, primary_key=True),  # of a footnote: 1 for F1; 0: the remarks
    Column("text", Text, nullable=False),
    sqlite_with_rowid=False,
)

history_facts = Table(
    "history_facts",  # by when a filing was known, so that those of years are read from end to end
    metadata,
    Column("known", Instant, primary_key=True),
    Column("filing", BigInteger, primary_key=True),
    Column("source", SmallInteger, primary_key=True),
    Column("number", SmallInteger, primary_key=True),  # of the transaction; 0: the filing has none
    Column("form", SmallInteger, nullable=False),  # of what the columns say, as `consumers.matcher.columns` counts
    Column("issuer", BigInteger, nullable=False),  # its CIK
    Column("owners", Text),  # their CIKs, parted by commas
    *(Column(name, Integer) for name in ("kinds", "security_class", "flags", "transaction_code")),
    *(Column(name, SmallInteger) for name in ("ownership", "direction", "plan")),
    *(Column(name, Double) for name in ("shares", "price", "value", "strike", "underlying_shares", "exercise_value")),
    *(Column(name, Double) for name in ("owned_after", "filing_lag", "discount")),
    *(Column(name, Integer) for name in ("transaction_date", "expiration_date")),
    *(Column(name, Double) for name in ("years_to_expiry", "days_late")),
    *(Column(name, SmallInteger) for name in ("amendment", "plan_10b5_1", "joint", "relationship_ended")),
    Column("role", Integer),
    Column("filed_on", Integer),
    *(Column(name, Double) for name in ("net_value", "net_shares", "sold_share")),
    *(Column(name, Integer) for name in ("role_missing", "lacks")),
    sqlite_with_rowid=False,
)

history_sets = Table(
    "history_sets",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),  # 2024q3
    Column("digest", Text, nullable=False, unique=True),  # of the file
    Column("started", Instant, nullable=False),
    Column("finished", Instant),  # null: it was interrupted, or goes on
    Column("filings", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    sqlite_autoincrement=True,
)
