"""A message in lines of text, part by part, for services that take no more structure: within whatever room there is."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from consumers.dispatcher.render import Rendering, RowText
from consumers.dispatcher.retold import in_words
from consumers.dispatcher.room import fitting
from consumers.dispatcher.template import Template, TemplateFailed
from service.model.alert import Alert
from service.model.notice import Notice
from service.text import legible
from service.words import counted

_ROW_COUNT = 8  # rows told; the filing has the rest
_RULE_COUNT = 5
_MORE = 40  # to say how many are left out
_WHOLE = 1.0


class Part(Struct, frozen=True, kw_only=True):
    """Some lines on one thing."""

    title: str  # empty: none
    lines: tuple[str, ...]
    one: str  # what a line is, for saying how many are left out
    share: float  # of the whole room, that it may take; it never takes what is there no more


class MessageText(Struct, frozen=True, kw_only=True):
    """Everything that a message says."""

    headline: str
    about: str  # the company; of a notice: what speaks
    parts: tuple[Part, ...]  # in their order; what always must be told comes first
    foot: str  # the form and the filing; of a notice: its kind
    link: str | None  # where to read on


def told(contents: Sequence[Alert | Notice], template: Template | None = None) -> MessageText:
    """A notice, or the alerts of several rules on one filing. Each text is one line of what can be seen.

    With a *template*, alerts are told in its words.
    """
    first = contents[0]
    if isinstance(first, Notice):
        notice = legible(first)
        lines = Part(title="", lines=tuple(f"• {line}" for line in notice.lines), one="line", share=_WHOLE)
        link = notice.links[0][1] if notice.links else None
        return MessageText(
            headline=notice.headline, about="filingbell", parts=(lines,), foot=str(notice.kind), link=link
        )
    alerts = [alert for alert in contents if isinstance(alert, Alert)]
    return told_of(in_words(alerts, whole=template is not None), template)


def told_of(words: Sequence[Rendering], template: Template | None = None) -> MessageText:
    """The alerts on one filing or trade, which were put in words, by rule; of a template that fails that it does."""
    one = words[0]
    headline, parts = one.headline, tuple(_parts(words))
    try:
        headline, parts = (headline, parts) if template is None else _own(template, words)
    except TemplateFailed as error:
        parts = (Part(title="", lines=(failed(error),), one="line", share=_WHOLE), *parts)
    return MessageText(
        headline=headline,
        about=one.company,
        parts=parts,
        foot=f"Form {one.form} {one.accession}{f'. {one.way}' if one.way else ''}",
        link=one.links[0][1],
    )


def failed(error: TemplateFailed) -> str:
    """What a message says that stands in place of one in the words of a template."""
    return f"This channel's template could not be used, so this is the usual message: {error}"


def _own(template: Template, words: Sequence[Rendering]) -> tuple[str, tuple[Part, ...]]:
    """The headline, and what follows it; the names of the other rules stand at the end. Raises TemplateFailed."""
    headline, *lines = template.lines(words[0])
    others = (f"Also: {', '.join(one.rule for one in words[1:])}",) if words[1:] else ()
    return headline, (Part(title="", lines=(*lines, *others, *words[0].also), one="line", share=_WHOLE),)


def fitted(
    parts: Iterable[Part],
    room: int,
    put: Callable[[str], str],
    head: Callable[[str], str],
    size: Callable[[str], int],
) -> list[str]:
    """The lines of *parts*, as far as there is *room*: each as *put* makes it, below its title as *head* does."""
    made: list[str] = []
    for part in parts:
        left = room - sum(size(line) + 1 for line in made)
        heading = [head(part.title)] if part.title else []
        free = min(left, int(room * part.share)) - _MORE - sum(size(line) + 1 for line in heading)
        kept, over = fitting(map(put, part.lines), free, lambda line: size(line) + 1)
        if kept:
            made += [*heading, *kept, *([f"and {counted(over, f'more {part.one}')}"] if over else [])]
    return made


def _parts(words: Sequence[Rendering]) -> Iterable[Part]:
    one = words[0]
    yield Part(title="", lines=(*one.notes, *(f"Who: {who}" for who in one.who)), one="owner", share=0.25)
    yield Part(title="", lines=one.also, one="filing", share=0.2)
    rows = {row.title: row for part in words for row in part.rows}
    more = (f"and {counted(len(rows) - _ROW_COUNT, 'more row')}",) if len(rows) > _ROW_COUNT else ()
    yield Part(title="", lines=(*map(_row, list(rows.values())[:_ROW_COUNT]), *more), one="row", share=0.3)
    for part in words[:_RULE_COUNT]:
        rule = f"Rule {part.rule}{f': {part.description}' if part.description else ''}"
        why = (rule, *(f"• {line}" for line in part.why))
        yield Part(title="Why", lines=why, one="reason", share=0.25 / min(len(words), _RULE_COUNT))
    if len(words) > _RULE_COUNT:
        others = f"and {counted(len(words) - _RULE_COUNT, 'more rule')}"
        yield Part(title="", lines=(others,), one="rule", share=_WHOLE)
    yield Part(title="Odd in this filing", lines=tuple(f"• {flag}" for flag in one.flags), one="remark", share=0.1)
    yield Part(title="Remarks", lines=(one.remarks,) if one.remarks else (), one="remark", share=0.1)
    notes = {number: text for part in words for number, text in part.footnotes}
    footnotes = tuple(f"{number}: {text}" for number, text in notes.items())
    yield Part(title="Footnotes", lines=footnotes, one="footnote", share=_WHOLE)


def _row(row: RowText) -> str:
    return f"{row.title}: {'; '.join(f'{label.lower()} {text}' for label, text in row.lines)}"
