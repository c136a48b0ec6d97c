"""Part of a list at a time: a cursor says behind what to go on, and stays right whatever comes meanwhile."""

import base64
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from service.web.problems import FaultShown, Refusal

T = TypeVar("T")

MOST = 1000

Limit = Annotated[int, Meta(ge=1, le=MOST)]
Moment = Annotated[datetime, Meta(tz=True)]  # with its offset: without one it would be a time of nowhere


class Paged(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which part of a list is asked for."""

    limit: Limit = 100
    cursor: str | None = None  # the `next` of the part before; null: the first


def behind(cursor: str | None, of: Any) -> Any:
    """What the *cursor* stands behind, of the type *of*; None: nothing. Raises Refusal (422) where it is no cursor."""
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode()), type=of)
    except (ValueError, msgspec.MsgspecError):
        fault = FaultShown(path=("cursor",), message="this is no cursor of this list: use `next` as it came")
        raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "faulty", "the query cannot be used", (fault,)) from None


def part(found: Sequence[T], limit: int, place: Callable[[T], Any]) -> tuple[Sequence[T], str | None]:
    """The first *limit* of those *found*, which may be one more, and the cursor behind them; None: that is all."""
    if len(found) <= limit:
        return found, None
    last = msgspec.json.encode(place(found[limit - 1]))
    return found[:limit], base64.urlsafe_b64encode(last).decode()
