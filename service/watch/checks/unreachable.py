"""Kafka does not answer: what is published waits in the database, and nobody is alerted."""

from datetime import timedelta

from service.model.notice import NoticeKind
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.noted import UNREACHABLE


async def _find(look: Look) -> list[Condition]:
    why = (await look.behind()).unavailable
    if why is None:
        return []
    return [
        Condition(
            kind=NoticeKind.UNREACHABLE,
            subject="kafka",
            since=(await look.marks()).get(UNREACHABLE),
            headline=why,
            lines=("Events wait in the database; once Kafka answers, everything goes on where it stood.",),
            severity=Severity.CRITICAL,
            repeated=True,
        )
    ]


CHECK = Check(
    kind=NoticeKind.UNREACHABLE,
    when="Kafka has not answered for two minutes",
    says="where it was looked for",
    act="start Kafka, or correct `FILINGBELL_KAFKA`; everything goes on by itself",
    find=_find,
    ended=always(lambda _, span: f"Kafka answers again (did not {span})"),
    patience=timedelta(minutes=2),
)
