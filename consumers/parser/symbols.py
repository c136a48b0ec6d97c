"""Trading symbols as filers write them, to symbols as a watchlist writes them."""

import re
from collections.abc import Iterator

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,3})?|[0-9]{3,6}\.[A-Z]{2}")  # 9999.TW stands for a company, too
_NONE = frozenset({"NONE", "N/A", "N.A", "NULL", "NOT", "APPLICABLE", "NOTAPPLICABLE"})
_EXCHANGE = re.compile(r"NYSE|NASDAQ(?:-?[A-Z]{2})?|AMEX|OTC(?:QB|QX|BB|PK|PINK)?|TSXV?")
_BESIDE = re.compile(  # words of exchanges, markets and securities: symbols only where they stand alone
    r"AMERICAN|ARCA|MKT|NATIONAL|CBOE|PINK|GLOBAL|SELECT|CAPITAL|MARKETS?|EXCHANGE|US|EQUITY|COMMON|STOCK|CLASS|SYMBOL|TICKER"
)
_MARKET = frozenset({"OB", "PK", "QB", "QX", "BB", "OTC"})  # behind a point: where it is traded, not what
_CLASS = re.compile(r"[A-Z]|W[ST]|UN|RT")
_PREFERRED = re.compile(r"PR[A-Z]?")

_APART = re.compile(r"[,;&|]|/(?=[A-Z ]+:)|\b(?:AND|OR)\b")
_MARKS = str.maketrans(dict.fromkeys("()[]*\"'$\u2018\u2019\u201c\u201d", " "))


def normalised(filed: str) -> tuple[str, ...]:
    """The symbols in *filed* (issuerTradingSymbol), upper case, class behind a point; empty where it names none.

    >>> normalised("NYSE: BRK/B, brk.a")
    ('BRK.B', 'BRK.A')
    >>> normalised("n/a")
    ()
    """
    upper = filed.upper()
    if len(upper) <= 5 and upper.isascii() and upper.isalpha() and upper not in _NONE:  # nearly all
        return () if _EXCHANGE.fullmatch(upper) else (upper,)
    found: dict[str, None] = {}
    for entry in _APART.split(upper.translate(_MARKS)):
        found.update(dict.fromkeys(_entry(entry)))
    return tuple(found)


def _entry(entry: str) -> Iterator[str]:
    """The symbols of one entry: ``NASDAQ GLOBAL MARKET: ABC``, ``ABC - NYSE``, ``BRK B``."""
    before, _, behind = entry.rpartition(":")
    labelled = behind.strip() and not _EXCHANGE.fullmatch(behind.strip())
    said = behind if labelled else before or behind  # before a colon stands an exchange, or what follows
    words = [word.strip(".-/:") for word in said.replace("_", " ").split()]
    words = [word for word in words if word and word not in _NONE and not _EXCHANGE.fullmatch(word)]
    words = [word for word in words if not _BESIDE.fullmatch(word)] or words[:1]
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = ["".join(words)]  # letter-spaced
    elif len(words) == 2 and _CLASS.fullmatch(words[1]):
        words = [".".join(words)]
    for word in words[:1] if len(words) == 2 and _PREFERRED.fullmatch(words[1]) else words:
        yield from _word(word)


def _word(word: str) -> Iterator[str]:
    """The symbols of one word: several with slashes between, or one with its class."""
    parts = [part for part in word.split("/") if part and not _EXCHANGE.fullmatch(part)]
    if len(parts) == 2 and (_CLASS.fullmatch(parts[1]) or _PREFERRED.fullmatch(parts[1])):
        parts = [".".join(parts)]
    for part in parts:
        base, *classes = part.replace("-", ".").split(".")
        classes = [mark for mark in classes if mark not in _MARKET and not _EXCHANGE.fullmatch(mark)]
        symbol = f"{base}.{classes[0]}" if len(classes) == 1 else base
        if symbol not in _NONE and _SYMBOL.fullmatch(symbol):
            yield symbol
