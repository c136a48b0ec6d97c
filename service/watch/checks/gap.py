"""The feed could not be read back to known ground, or an entry of it does not say which filing it is."""

from service.model.notice import NoticeKind
from service.watch.check import Check, always
from service.watch.condition import Condition, Severity
from service.watch.look import Look
from service.words import eastern


async def _find(look: Look) -> list[Condition]:
    return [
        Condition(
            kind=NoticeKind.GAP,
            subject=str(gap.id),
            since=gap.before,
            headline=f"Filings before {eastern(gap.before)} may be missing; the SEC's daily index will show them",
            lines=(
                gap.cause,
                "The feed could not be read back further. What it did not show is fetched from the index.",
            ),
            severity=Severity.WARNING,
        )
        for gap in await look.gaps()
    ]


CHECK = Check(
    kind=NoticeKind.GAP,
    when="the feed could not be read back to known ground, or an entry of it does not say which filing it is",
    says="before when filings may be missing",
    act="nothing: the SEC's index of the day closes the gap",
    find=_find,
    ended=always(lambda _, span: f"the SEC's index has shown what the feed did not (gap open {span})"),
)
