"""Whose tickers are: the SEC's list, and those of watchlists that have moved to another company."""

from sqlalchemy import JSON, Column, Date, ForeignKey, Table, Text

from service.store.ids import Id
from service.store.packing import Packed
from service.store.schema.base import Instant, metadata

ticker_lists = Table(
    "ticker_lists",
    metadata,
    Column("name", Text, primary_key=True),  # whose list it is: sec
    Column("value", Packed, nullable=False),  # as JSON; empty: it has not come yet
    Column("validators", JSON, nullable=False),  # what it came with, to ask whether it has changed
    Column("read", Instant),  # when it was last read, or was unchanged; null: never
    Column("changed", Instant),  # when it last said something new
    Column("waits", Text),  # why the last try at it came to nothing; null: it did not
    Column("waits_since", Instant),
)

moved_tickers = Table(
    "moved_tickers",
    metadata,
    Column("watchlist", Id, ForeignKey("resources.id"), primary_key=True),
    Column("ticker", Text, primary_key=True),  # as the watchlist has it
    Column("workspace", Id, ForeignKey("workspaces.id"), nullable=False),
    Column("before_cik", Text, nullable=False),  # whose it is to the watchlist
    Column("before_name", Text, nullable=False),
    Column("after_cik", Text, nullable=False),  # whose it is by the SEC's list
    Column("after_name", Text, nullable=False),
    Column("since", Date, nullable=False),  # the day of the first list that says so
    Column("found", Instant, nullable=False),
)
