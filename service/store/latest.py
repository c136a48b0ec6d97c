"""Lists that begin with the latest, and go on behind a place in them."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice, product
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, literal, select, tuple_, union_all

from service.model.delivery import DeliveryState
from service.store.connection import Connection
from service.store.schema import deliveries

_AT_ONCE = 400  # parts of a statement; SQLite takes 500

Columns = Sequence[ColumnElement[Any]]


def first(query: Select[Any], place: Columns) -> Select[Any]:
    """*query* in the order of *place*, the latest first."""
    return query.order_by(*(column.desc() for column in place))


def behind(place: Columns, last: Sequence[Any] | None) -> Iterable[ColumnElement[bool]]:
    """That a row comes after the one whose *place* has the values *last*; None: nothing is asked."""
    if last is not None:
        yield tuple_(*place) < tuple_(*(literal(value, column.type) for value, column in zip(last, place, strict=True)))


async def of_each(
    connection: Connection,
    query: Select[Any],
    place: Columns,
    channels: Collection[str],
    states: Collection[DeliveryState],
    limit: int,
) -> list[Row[Any]]:
    """The rows of *query*, deliveries to *channels* and in *states*: the first *limit* are among them, in order.

    Of each channel and state no more is read than that: the index has them in this order.
    """
    found: list[Row[Any]] = []
    pairs = iter(product(channels, states))
    while part := list(islice(pairs, _AT_ONCE)):
        several = [
            first(query, place)
            .where(deliveries.c.channel == channel, deliveries.c.state == state)
            .limit(limit)
            .subquery()
            for channel, state in part
        ]
        found += await connection.execute(union_all(*(select(one) for one in several)))
    return sorted(found, key=tuple, reverse=True)
