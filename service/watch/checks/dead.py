"""Alerts to a channel were given up, and nobody has sent them again or acknowledged them."""

from service.model.delivery import Reason
from service.model.notice import NoticeKind
from service.store.undelivered import Dead
from service.text import one_line
from service.watch.check import Check, Ended
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.watch.owed import known_as, name_of, option_of
from service.words import counted, eastern

_REFUSALS = frozenset({Reason.REFUSED, Reason.GONE, Reason.CLIENT_ERROR, Reason.INVALID_MESSAGE})


async def _find(look: Look) -> list[Condition]:
    known = await look.channels()
    by_channel: dict[str, list[Dead]] = {}
    for one in await look.dead():
        by_channel.setdefault(one.channel, []).append(one)
    found = []
    for channel, dead in by_channel.items():
        name, workspace = known_as(channel, known)
        option = await option_of(look, workspace)
        acknowledge = f"filingbell deliveries acknowledge --channel {name}{option}"
        count, since = sum(one.count for one in dead), min(one.since for one in dead)
        found.append(
            Condition(
                kind=NoticeKind.DEAD,
                subject=channel,
                workspace=workspace,
                since=since,
                headline=f"{counted(count, 'alert')} to {name} given up since {eastern(since)}",
                lines=(
                    *(_told(one, option) for one in dead),
                    f"They are kept. If they are not needed: {acknowledge}",
                ),
                severity=Severity.CRITICAL,
                repeated=True,
            )
        )
    return found


def _told(one: Dead, option: str) -> str:
    """*one* in a line: how many, since when, the last answer, one for example, and what brings them back."""
    last, example = one.example.last, one.example
    answer = f" ({one_line(last.detail)})" if last else ""
    which = f"{example.accession} {example.rule}" if example.accession else f"a notice ({example.notice})"
    did = "refused" if one.reason in _REFUSALS else "did not take"
    given_up = f"{example.channel_name} {did} {counted(one.count, 'alert')} since {eastern(one.since)}"
    again = f"filingbell deliveries resend --channel {example.channel_name}{option}"
    return f"{given_up}{answer}, e.g. {which}. To send them again: {again}"


async def _ended(look: Look, channel: str, span: str) -> Ended:
    name = await name_of(look, channel)
    return Ended(f"the alerts to {name} that were given up are sent again, or were seen ({span})")


CHECK = Check(
    kind=NoticeKind.DEAD,
    when="alerts to a channel were given up, and nobody has sent them again or acknowledged them",
    says="how many, by reason, with an example",
    act="`filingbell deliveries resend --channel CHANNEL`, or `acknowledge`",
    find=_find,
    ended=_ended,
)
