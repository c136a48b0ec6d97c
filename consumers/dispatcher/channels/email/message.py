"""An alert as a mail: what stands in its header, and its content as text and as a page."""

from collections.abc import Sequence
from datetime import datetime, time
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from consumers.dispatcher.channels.email.page import page, page_of_notice, worded_page
from consumers.dispatcher.parts import MessageText, fitted, told, told_of
from consumers.dispatcher.retold import in_words
from consumers.dispatcher.room import cut, units
from consumers.dispatcher.template import Template
from service.model.alert import Alert
from service.model.calendar import EASTERN
from service.model.notice import Notice
from service.model.rule import Priority
from service.model.trade import first_of

_POLICY = SMTP.clone(cte_type="7bit")  # as every server takes it
_SUBJECT = 200
_TEXT = 20_000
_LINE = 1_000

Content = Alert | Notice


def mail(
    contents: Sequence[Content],
    sender: str,
    to: str,
    now: datetime,
    *,
    leave: str | None = None,
    template: Template | None = None,
    plain: bool = False,
) -> bytes:
    """The mail from *sender* to *to* with a notice, or with the alerts of several rules on one filing.

    Every try brings the same, with the same Message-ID, so that mail programs show a repetition once. *leave* is where
    *to* can unsubscribe. With *plain* it is text alone.
    """
    one, shown = _put(contents, template, leave)
    domain = sender.rpartition("@")[2]
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address("filingbell", addr_spec=sender)
    made["To"] = Address(addr_spec=to)
    made["Subject"] = cut(one.headline, _SUBJECT)
    made["Date"] = format_datetime(_date(contents[0], now))
    made["Message-ID"] = f"<{contents[0].id}@{domain}>"
    for name, value in _threads(contents[0], domain).items():
        made[name] = value
    made["List-Id"] = f"filingbell <alerts.filingbell.{domain}>"
    if leave is not None:  # RFC 8058
        made["List-Unsubscribe"] = f"<{leave}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to be told to us
    made["X-Auto-Response-Suppress"] = "All"  # the same to Exchange
    if any(isinstance(each, Alert) and each.priority is Priority.URGENT for each in contents):
        made["Importance"] = "high"
        made["X-Priority"] = "1"
    text = _text(one, leave)
    made.set_content(text)
    if not plain:
        made.add_alternative(shown, subtype="html")
        made.set_boundary(f"=_{sha256(f'{text}{shown}'.encode()).hexdigest()[:40]}")  # else it is random
    return made.as_bytes()


def _threads(content: Content, domain: str) -> dict[str, str]:
    """What is on one trade, and on what amends it, stands together; what follows an alert below that one."""
    if not isinstance(content, Alert):
        return {}
    amends, told = content.amends, content.trade_id and first_of(content.trade_id)
    amended = amends.original or amends.accession if amends else None
    first = amended if amended and told in (None, content.filing.accession) else told or content.filing.accession
    thread = f"<{first}@{domain}>"
    if content.follows is None:
        return {"References": thread}
    followed = f"<{content.follows}@{domain}>"
    return {"In-Reply-To": followed, "References": f"{thread} {followed}"}


def _date(content: Content, now: datetime) -> datetime:
    if isinstance(content, Notice):
        return content.at
    times, filed = content.filing.times, content.filing.filed_on
    return times.matched or times.accepted or (datetime.combine(filed, time(), EASTERN) if filed else now)


def _put(contents: Sequence[Content], template: Template | None, leave: str | None) -> tuple[MessageText, str]:
    """The same in lines of text, and as a page."""
    first = contents[0]
    if isinstance(first, Notice):
        return told(contents), page_of_notice(first, leave)
    words = in_words([alert for alert in contents if isinstance(alert, Alert)], whole=template is not None)
    one = told_of(words, template)
    return one, page(words, leave) if template is None else worded_page(one, words[0], leave)


def _text(one: MessageText, leave: str | None) -> str:
    top = [one.headline, *([one.link] if one.link else []), "", one.about]
    foot = ["", one.foot, *([f"Unsubscribe: {leave}"] if leave else [])]
    room = _TEXT - sum(units(line) + 1 for line in (*top, *foot))
    lines = fitted(one.parts, room, _line, lambda title: f"\n{title}", units)
    return "\n".join([*map(_line, top), *lines, *map(_line, foot), ""])


def _line(text: str) -> str:
    return cut(text, _LINE)
