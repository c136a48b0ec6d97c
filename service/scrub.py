"""Takes secrets out of text that others wrote, before a log, the database, a person or a metric gets it."""

import base64
import html
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import unquote, urlsplit

Scrub = Callable[[str], str]
"""What takes every secret out of a text."""

HIDDEN = "***"

_RUN = 8  # so many characters in a row that a secret has as well are a part of it
_SHORT = 4  # a part of an address with fewer characters says nothing
_LONGEST = 200  # characters of a beginning that an excerpt ends with
_ROUNDS = 3  # an escape may be escaped again, as %252F
_ESCAPE = re.compile(
    r"(?:%[0-9a-f]{2})+|&(?:#[0-9]{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});?|\\u[0-9a-f]{4}|\\x[0-9a-f]{2}|\\[^ux]",
    re.IGNORECASE,
)
_HALF = re.compile(r"(?:%[0-9a-f]?|&#?[0-9a-z]{0,8}|\\[ux]?[0-9a-f]{0,3})?[\s.\u2026]*\Z")  # an escape that was cut off
_PIECE = re.compile(r"[a-z0-9]+")
_SEPARATOR = re.compile(r"[/?&=#:;,]")
_ORDINARY = """
alert alerts channel channels chat deliver delivery event events filing filings filingbell hook hooks http https
incoming ingest integration integrations json kafka message messages notice notices notification notifications notify
postgres postgresql public rest room rooms secret send service services slack sqlite status team teams test token
trigger triggers webhook webhooks workflow workflows
"""  # words that addresses share with our own log and with what receivers say


class Scrubber:
    """Knows *secrets* (addresses, passwords, signing secrets) and *phrases* (such as a contact), and hides them.

    What the operator has named so (*names*: of channels, say) is no secret, although an address may have it too.

    Of an address the host may be shown, but no part of its path, query or user; of a secret no eight characters in a
    row, however they are escaped (percent, HTML, JSON; also twice) and in either case. A phrase is hidden as a whole.
    At the end of a text, where an excerpt was cut off, the beginning of either is hidden as well.
    """

    def __init__(self, secrets: Iterable[str], phrases: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        ordinary = "\n".join([_ORDINARY, *map(_folded, names)])
        hidden = [_folded(part) for secret in secrets for part in _parts(secret)]
        pieces = {piece for whole in hidden for piece in _PIECE.findall(whole) if _SHORT <= len(piece) < _RUN}
        self._phrases = tuple(_folded(" ".join(phrase.split())) for phrase in phrases)
        self._runs = _unusual(
            (whole[at : at + _RUN] for whole in hidden for at in range(len(whole) - _RUN + 1)), ordinary
        )
        self._pieces = pieces.difference(_PIECE.findall(ordinary))
        parts = [*hidden, *(part for whole in hidden for part in _SEPARATOR.split(whole))]
        self._beginnings = _unusual((beginning for part in parts for beginning in _beginnings(part, _SHORT)), ordinary)
        self._beginnings |= {beginning for phrase in self._phrases for beginning in _beginnings(phrase, _RUN)}

    def __call__(self, text: str) -> str:
        """*text*, with three asterisks for whatever is secret in it."""
        folded, spans = _unescaped(text)
        marked = sorted(self._found(folded))
        if not marked:
            return text
        kept: list[str] = []
        done = 0
        for first, end in marked:
            start, stop = spans[first][0], spans[end - 1][1]
            if start > done or not kept:
                kept += [text[done:start], HIDDEN]
            done = max(done, stop)
        return "".join([*kept, text[done:]])

    def _found(self, folded: str) -> Iterator[tuple[int, int]]:
        """Where in *folded* something secret stands: from, and up to."""
        for at in range(len(folded) - _RUN + 1 if self._runs else 0):
            if folded[at : at + _RUN] in self._runs:
                yield at, at + _RUN
        for piece in _PIECE.finditer(folded) if self._pieces else ():
            if piece[0] in self._pieces:
                yield piece.span()
        for phrase in self._phrases:
            for found in re.finditer(re.escape(phrase), folded):
                yield found.span()
        yield from self._at_the_end(folded)

    def _at_the_end(self, folded: str) -> Iterator[tuple[int, int]]:
        """The beginning of something secret with which *folded* ends."""
        half = _HALF.search(folded)
        end = half.start() if half else len(folded)
        for start in range(max(0, end - _LONGEST), end - _SHORT + 1):
            if folded[start:end] in self._beginnings:
                yield start, end
                return


def _unusual(some: Iterable[str], ordinary: str) -> set[str]:
    """Those of *some* that are no part of an ordinary word."""
    return {one for one in some if one not in ordinary}


def _beginnings(text: str, shortest: int) -> Iterator[str]:
    return (text[:length] for length in range(shortest, min(len(text), _LONGEST) + 1))


def _parts(secret: str) -> Iterator[str]:
    """What must not be shown of *secret*."""
    if "://" not in secret:
        yield secret.removeprefix("whsec_").removeprefix("whsk_")
        return
    address = urlsplit(secret)
    yield secret[secret.index("://") + 3 :].removeprefix(address.netloc)
    user, at, _ = address.netloc.rpartition("@")
    if at:
        yield user
        yield base64.b64encode(unquote(user).encode()).decode()  # as the header Authorization has it


def _folded(text: str) -> str:
    return _unescaped(text)[0]


def _unescaped(text: str) -> tuple[str, list[tuple[int, int]]]:
    """*text* in lower case with its escapes resolved, and for each character where in *text* it came from."""
    spans = [(at, at + 1) for at in range(len(text))]
    for _ in range(_ROUNDS):
        if not _ESCAPE.search(text):
            break
        made: list[str] = []
        origins: list[tuple[int, int]] = []
        done = 0
        for escape in _ESCAPE.finditer(text):
            first, end = escape.span()
            meant = _meant(escape[0])
            made += [text[done:first], meant]
            origins += spans[done:first] + [(spans[first][0], spans[end - 1][1])] * len(meant)
            done = end
        text, spans = "".join([*made, text[done:]]), origins + spans[done:]
    lower = text.lower()
    return (lower if len(lower) == len(text) else "".join(one.lower()[0] for one in text)), spans


def _meant(escape: str) -> str:
    """What *escape* stands for."""
    if escape.startswith("%"):
        return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")
    if escape.startswith("&"):
        return html.unescape(escape)
    digits = escape[2:]
    return chr(int(digits, 16)) if digits else escape[1]
