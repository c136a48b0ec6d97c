"""Footnotes and remarks, compared by what they say: numbers shift when one is added."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from consumers.amendments.version import Version
from consumers.titles import folded
from service.model.amendment import NoteChange
from service.model.ownership import FootnoteId

_ALIKE = 0.5  # of the words of two texts, for one to stand in place of the other
_MOST = 400  # pairs of texts that are weighed against each other
_LONG = 200  # words of a text that are weighed


def differing(old: Version, new: Version) -> Iterator[NoteChange]:
    """The texts that differ, those of the amendment first; nothing where the texts are not kept."""
    if old.footnotes is None or new.footnotes is None:
        return
    yield from _footnotes(old.footnotes, new.footnotes)
    if folded(old.remarks) != folded(new.remarks):
        yield NoteChange(number=None, old=old.remarks, new=new.remarks)


def _footnotes(olds: Mapping[FootnoteId, str], news: Mapping[FootnoteId, str]) -> Iterator[NoteChange]:
    before, after = {folded(text) for text in olds.values()}, {folded(text) for text in news.values()}
    gone = {number: text for number, text in olds.items() if folded(text) not in after}
    fresh = {number: text for number, text in news.items() if folded(text) not in before}
    likest = _likest(gone, fresh)
    for number, text in fresh.items():
        was = likest.get(number)
        yield NoteChange(number=number, old=None if was is None else gone[was], new=text)
    for number, text in gone.items():
        if number not in likest.values():
            yield NoteChange(number=number, old=text, new=None)


def _words(text: str) -> list[str]:
    return folded(text).split()[:_LONG]


def _likest(gone: Mapping[FootnoteId, str], fresh: Mapping[FootnoteId, str]) -> dict[FootnoteId, FootnoteId]:
    """For each of *fresh* the one of *gone* in whose place it stands, if there is one."""
    if len(gone) * len(fresh) > _MOST:
        return {number: number for number in fresh if number in gone}
    ranked = sorted(
        (
            (-SequenceMatcher(None, _words(was), _words(text), autojunk=False).ratio(), old, new)
            for new, text in fresh.items()
            for old, was in gone.items()
        ),
    )
    found: dict[FootnoteId, FootnoteId] = {}
    for ratio, old, new in ranked:
        if -ratio >= _ALIKE and new not in found and old not in found.values():
            found[new] = old
    return found
