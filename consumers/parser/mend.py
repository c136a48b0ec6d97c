"""XML that is not well-formed, and that can be meant in one way only.

EDGAR serves such documents: lines wrapped within a tag (2003 to 2006), a bare ampersand in a name, a start tag with a
piece of itself repeated inside. What could be meant in two ways is left alone, and the document is unusable.
"""

import re
from collections.abc import Callable, Iterator
from html.entities import html5

from service.edgar.submission import unwrapped

_SECTION = re.compile(rb"<!--|<!\[CDATA\[")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>"}
_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)([A-Za-z][A-Za-z0-9]{1,30};)?")
_LESS_THAN = re.compile(rb"<(?![A-Za-z_/?!])")
_TORN_TAG = re.compile(rb"<([A-Za-z0-9]++)\s[A-Za-z0-9\s]*+(/?)>")
_CONTROL = re.compile(
    rb"[\x01-\x08\x0b\x0c\x0e-\x1f]|&#(?:x(?:0?[0-8bcefBCEF]|1[0-9a-fA-F])|0?[0-8]|1[124-9]|2[0-9]|3[01]);"
)


def mended(xml: bytes) -> Iterator[tuple[bytes, str | None]]:
    """What *xml* can have been meant to be, and in words what was changed; None: nothing but where lines end.

    What comes first is changed least.
    """
    whole = unwrapped(xml)
    if whole != xml:
        yield whole, None
    for text in dict.fromkeys((xml, whole)):
        changed, done = text, []
        for words, pattern, instead in _CHANGES:
            before, changed = changed, _outside_sections(changed, pattern, instead)
            if changed != before:
                done.append(words)
        if done:
            yield changed, " and ".join(done)


def _outside_sections(xml: bytes, pattern: re.Pattern[bytes], instead: Callable[[re.Match[bytes]], bytes]) -> bytes:
    """*xml* with *instead* of each *pattern* that stands in no comment and no CDATA section."""
    kept, at = [], 0
    while section := _SECTION.search(xml, at):
        end = xml.find(_ENDS[section[0]], section.end())
        if end < 0:
            break
        kept += [pattern.sub(instead, xml[at : section.start()]), xml[section.start() : end + 3]]
        at = end + 3
    return b"".join((*kept, pattern.sub(instead, xml[at:])))


def _ampersand(found: re.Match[bytes]) -> bytes:
    """As HTML has it: ``&nbsp;`` and others have names there, which XML does not know."""
    named = html5.get((found[1] or b"").decode("ascii"))
    return b"".join(b"&#%d;" % ord(one) for one in named) if named else b"&amp;" + (found[1] or b"")


_CHANGES: tuple[tuple[str, re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]], ...] = (
    ("a bare & is read as one", _AMPERSAND, _ampersand),
    ("a bare < is read as one", _LESS_THAN, lambda _: b"&lt;"),
    ("words within a start tag are left out", _TORN_TAG, lambda found: b"<%s%s>" % (found[1], found[2])),
    ("a control character is shown as \ufffd", _CONTROL, lambda _: b"&#xFFFD;"),
)
