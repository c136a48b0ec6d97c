"""Any service that Apprise knows: what is handed to it, and what it says of that."""

from collections.abc import Sequence
from datetime import datetime

from consumers.dispatcher.channels.apprise.section import AppriseSection
from consumers.dispatcher.channels.timed import Timed
from consumers.dispatcher.notifying import TAKEN, room_of
from consumers.dispatcher.outcome import Outcome, judged
from consumers.dispatcher.parts import fitted, told
from consumers.dispatcher.post import Answer, NoAnswer, Notification
from consumers.dispatcher.room import cut, units
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.notice import Notice

_TITLE, _BODY, _LINE = 200, 8_000, 300
_SPARE = 0.95  # of a service's room: some count what marks are escaped to

# Some services take these for mentions, tags and links, and Apprise does not say which.
_INERT = str.maketrans(
    {
        "@": "\N{FULLWIDTH COMMERCIAL AT}",
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    }
)


class AppriseChannel(Timed):
    """Hands the alert to Apprise as plain text, within what its service takes."""

    simply = None
    tells_again = True

    def __init__(self, section: AppriseSection) -> None:
        super().__init__(section, section.pace_seconds, every_filing=section.every_filing)
        self.url = section.url.get_secret_value()
        self._room = room_of(self.url)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address, whose host is a part of the credentials with many services."""
        return (self.url, self.url.partition("://")[2])

    def request(self, content: Alert | Notice, body: bytes, now: datetime) -> Notification:
        """The content as text."""
        return self._notification([content])

    def together(self, alerts: Sequence[Alert], now: datetime) -> Notification:
        """One message on the filing, which says why for each rule."""
        return self._notification(alerts)

    def judge(self, answer: Answer | NoAnswer) -> Outcome:
        """By what Apprise says, which knows of no service's last words."""
        if isinstance(answer, Answer) and answer.status == TAKEN:
            return Outcome(
                state=DeliveryState.DELIVERED, reason=Reason.RECEIVED, status=None, detail="taken, Apprise says"
            )
        return judged(answer)

    def _notification(self, contents: Sequence[Alert | Notice]) -> Notification:
        one = told(contents)
        room = min(int(self._room.body * _SPARE), _BODY)
        title = _inert(one.headline, min(self._room.title, _TITLE)) if self._room.title else ""
        top = [] if title else [_inert(one.headline, min(room, _TITLE))]
        about = [_inert(one.about, _LINE), *([one.link] if one.link else [])]
        used = sum(units(line) + 1 for line in [*top, *about])
        lines = fitted(one.parts, room - used, _line, _line, units)
        whole = [*top, *about, *lines] if used <= room else top
        return Notification(url=self.url, title=title, body="\n".join(whole or [one.headline[:room]]).encode())


def _line(text: str) -> str:
    return _inert(text, _LINE)


def _inert(text: str, most: int) -> str:
    return cut(text, most).translate(_INERT)
