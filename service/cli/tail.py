"""``tail``: a topic's events, as any consumer would read them."""

import asyncio
import sys
from datetime import datetime

import msgspec
import orjson

from service.model.alert import Alert
from service.model.dead import DeadLetter
from service.model.errors import ConfigError
from service.model.filing import FilingEvent
from service.model.parsed import ParsedFiling
from service.runtime.opened import opened
from service.text import one_line
from service.wire import decode
from service.wire.topics import Record, Topic
from service.words import counted, eastern


def tail(topic: str, last: int | None, *, follow: bool, as_json: bool) -> None:
    """Print the *last* events of *topic* (None: all), and with *follow* those that come."""
    try:
        chosen = Topic(topic)
    except ValueError:
        raise ConfigError(f"there is no topic {topic!r}; the topics are {', '.join(Topic)}") from None
    asyncio.run(_tail(chosen, last, follow=follow, as_json=as_json))


async def _tail(topic: Topic, last: int | None, *, follow: bool, as_json: bool) -> None:
    any_came = False
    async with opened() as (_, log):
        async for record in log.tail(topic, last, follow=follow):
            any_came = True
            sys.stdout.write((_json(record) if as_json else one_line(_line(record))) + "\n")
            if follow:
                sys.stdout.flush()
    if not any_came and last != 0:
        print(f"no events on {topic} yet; --follow waits for them", file=sys.stderr)


def _json(record: Record) -> str:
    """The record on one line: its place and headers, and its value as it is."""
    return orjson.dumps(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
            "headers": record.headers,
            "value": orjson.Fragment(record.value),
        }
    ).decode()


def _line(record: Record) -> str:
    place = f"{record.partition}/{record.offset}"
    return f"{place:>10}  {_time(record)}  {_summary(record)}"


def _time(record: Record) -> str:
    try:
        return eastern(datetime.fromisoformat(record.headers["ce_time"]), seconds=True)
    except (KeyError, ValueError, OverflowError):
        return ""


def _summary(record: Record) -> str:
    try:
        match record.topic:
            case Topic.FILINGS:
                filing = decode(record.value, FilingEvent).filing
                return f"{filing.accession}  {filing.form}  {filing.issuer_name or ''}"
            case Topic.PARSED:
                parsed = decode(record.value, ParsedFiling)
                rows = len(parsed.document.non_derivative_table) + len(parsed.document.derivative_table)
                return f"{parsed.filing.accession}  {parsed.document.issuer.issuer_name}  {counted(rows, 'row')}"
            case Topic.ALERTS:
                alert = decode(record.value, Alert)
                return f"{alert.filing.accession}  {alert.rule}  {alert.headline}"
            case Topic.DEAD:
                letter = decode(record.value, DeadLetter)
                return f"{letter.accession or ''}  {letter.group}  {letter.reason}: {letter.message}"
    except msgspec.MsgspecError as error:
        return f"{record.id}  unreadable: {error}"
