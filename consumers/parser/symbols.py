"""The symbol box (issuerTradingSymbol) as filers fill it, to symbols as a watchlist writes them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import takewhile

_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,3})?|[0-9]{3,6}\.[A-Z]{2}")  # 9999.TW stands for a company, too


def _each(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NONE = _each(
    # Words for none. NA is one company's symbol, and was in half a quarter eight others' word for none: that company is
    # found by its CIK.
    "N/A NA N.A N-A NONE NULL NIL NOT NO TBD TBA PENDING DETERMINED APPLICABLE ASSIGNED AVAILABLE UNLISTED "
    "UNASSIGNED UNKNOWN PRIVATE REMARKS FOOTNOTE BELOW NOTAPPLICABLE NOTLISTED NOTTRADED NOSYMBOL NOTICKER"
)
_EXCHANGES = _each(
    # Where it is traded; no company's symbol.
    "NYSE NYSEMKT NYSEAMERICAN NYSEAMER NYSEARCA ARCA ARCX NASDAQ NASDAQGS NASDAQGM NASDAQCM NASD NSDQ AMEX OTC "
    "OTCQB OTCQX OTCBB OTCPK OTCPINK OTCMKTS OTCID PINX PINKSHEETS TSX TSXV CSE CNSX LON HKEX HKSE SEHK TASE "
    "XETRA FWB EURONEXT BZX BATS LTSE MEMX"
)
_BESIDE = _each(
    # Exchanges and other words that are or could be a company's symbol, but not beside another word.
    "AMERICAN NATIONAL CBOE PINK SHEETS BULLETIN BOARD GLOBAL SELECT CAPITAL MARKET MARKETS EXCHANGE VENTURE "
    "TEXAS CHICAGO NEW YORK LONDON TORONTO AUSTRALIAN SECURITIES ASX LSE AIM NEO IEX JSE BMV BSE NSE SGX TSE TYO "
    "FRA ETR EPA AMS MKT US USA THE ON OF IN AT IS AS BY TO FOR FORMERLY FKA LLC INC CORP CORPORATION CO COMPANY "
    "LTD SYMBOL SYMBOLS TICKER TICKERS TRADING TRADED TRADES QUOTED LISTED UNDER"
)
_SECURITIES = _each(
    # What is traded under the symbol, and said behind it.
    "COM COMMON STOCK SHARE SHARES ORD ORDINARY EQUITY ADR ADRS ADS ADSS CLASS CL SERIES SER PFD PREF PREFERRED "
    "PR W WS WT WTS WARRANT WARRANTS U UN UNIT UNITS R RT RTS RIGHT RIGHTS"
)
_MARKETS = frozenset({"OB", "PK", "QB", "QX", "BB"})  # behind a point: where it is traded; BAC-PK is a preferred share
_PREFERRED = re.compile(r"PR?[A-Z]?")
_CLASS = re.compile(r"[A-Z]|PR?[A-Z]?|W[ST]|UN|RT")

_LONGEST = 250  # characters that are read of a box; EDGAR's has room for ten
_TIER = re.compile(r"\b(NASDAQ)[ -]+[GC][SM]\b|\b(OTC)[ -]+(?:Q[BX]|BB|PK)\b|\b(TSX)[ -]+V\b")
_LOOSE = re.compile(r"\s*([:/.])\s*|(?<=\S)-(?=\s)|(?<=\s)-(?=\S)")  # `BRK / B` is `BRK/B`, but `ABC - NYSE` two words
_ENTRIES = re.compile(r"[,;&|+\n]|/(?=[A-Z ]+:)|(?<= [A-Z])/(?=[A-Z]{2})|\b(?:AND|OR)\b")
_MARKS = str.maketrans(
    dict.fromkeys("()[]{}<>*\"'`!?#^=~_\\®™\u2018\u2019\u201c\u201d", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-")
)


def normalised(filed: str) -> tuple[str, ...]:
    """The symbols in *filed* (issuerTradingSymbol), upper case, class behind a point; empty where it names none.

    >>> normalised("NYSE: BRK/B, brk.a")
    ('BRK.B', 'BRK.A')
    >>> normalised("N O G")
    ('NOG',)
    >>> normalised("n/a")
    ()
    """
    if len(filed) <= 5 and filed.isascii() and filed.isalpha():  # nearly all
        symbol = filed.upper()
        return () if symbol in _NONE or symbol in _EXCHANGES else (symbol,)
    text = unicodedata.normalize("NFKC", filed[:_LONGEST]).upper().translate(_MARKS)
    text = _LOOSE.sub(lambda mark: mark[1] or " ", _TIER.sub(lambda tier: tier[1] or tier[2] or tier[3], text))
    found = dict.fromkeys(symbol for entry in _ENTRIES.split(text) for symbol in _of_words(_unlabelled(entry)))
    return tuple(symbol for symbol in found if len(found) == 1 or not _is_remainder(symbol, found))


def ticker(written: str) -> str | None:
    """The one symbol that *written* is and says nothing else, as ``normalised`` gives it; None: it is not."""
    symbol = written.upper().replace("/", ".").replace("-", ".")
    return symbol if written.isascii() and (symbol == "NA" or normalised(written) == (symbol,)) else None


def only_symbol(written: str) -> str | None:
    """The one symbol in *written*, where nothing else stands there but words for exchanges and securities.

    >>> only_symbol("NASDAQ: ABC"), only_symbol("ABC Account")
    ('ABC', None)
    """
    found = normalised(written)
    if len(found) != 1:
        return ticker(written)
    of_symbol = {*found[0].split("."), found[0].replace(".", "")}
    others = (word for word in re.findall("[A-Z0-9]+", written.upper()) if len(word) > 1 and word not in of_symbol)
    return found[0] if all(not _is_said(word) or word in _SECURITIES for word in others) else None


def finding(symbols: Iterable[str]) -> tuple[str, ...]:
    """What to look for on watchlists: *symbols*, and without its class what has one, since it is the same company's."""
    return tuple(dict.fromkeys(one for symbol in symbols for one in (symbol, symbol.partition(".")[0])))


def _unlabelled(entry: str) -> list[str]:
    """The words of *entry*, without what stands before a colon: an exchange, or what is said of what follows."""
    *before, behind = ([word for part in said.split() if (word := part.strip("./-$"))] for said in entry.split(":"))
    while before and any(map(_is_said, before[-1])) and not any(map(_is_said, behind)):  # ABC:NASDAQ
        behind = before.pop()
    return [word for said in before[1:] for word in said if _is_said(word)] + behind


def _of_words(words: list[str]) -> Iterator[str]:
    """The symbols of words with spaces between: ``ABC US EQUITY``, ``BRK B``, ``N O G``, ``BIO BIOB``."""
    if not _NONE.isdisjoint(words):
        return
    listed = ["/".join(part for part in word.split("/") if not _is_exchange(part)) for word in words]
    named = [word for word in listed if word]
    said = _together([word for word in named if word not in _BESIDE])
    while said and said[0] in _SECURITIES and len(said[0]) > 3:
        said.pop(0)
    if not said and named != words:
        return
    first, *more = said or words[:1] or ("",)
    if more and (more[0] in _SECURITIES or _CLASS.fullmatch(more[0])):
        of_class = more[1:] if more[0] in ("CLASS", "CL") else more
        share = of_class[0] if len(of_class) == 1 and len(of_class[0]) == 1 and of_class[0] not in _SECURITIES else None
        yield from _of_word(f"{first}.{share}" if share and not _PREFERRED.fullmatch(share) else first)
        return
    alone = len(more) == 1 and len(more[0]) <= 5  # more words of other letters are a name, or prose
    for word in (first, *(word for word in more if alone or word[:2] == first[:2])):
        yield from _of_word(word)


def _together(words: list[str]) -> list[str]:
    """*words*, where those at the beginning are one symbol if they have a letter each: ``N O G``, ``B R K.B``."""
    letters = list(takewhile(lambda word: len(re.split("[./-]", word)[0]) == 1, words))
    return ["".join(letters), *words[len(letters) :]] if len(letters) > 1 else words


def _of_word(word: str) -> Iterator[str]:
    """The symbols of one word: several with slashes between, or one with its class."""
    parts = [part for part in word.split("/") if part]
    parts = list(filter(_is_said, parts)) or parts[:1]
    if len(parts) > 1 and all(len(part) == 1 for part in parts):
        parts = ["".join(parts)]
    elif len(parts) > 1 and all(map(_CLASS.fullmatch, parts[1:])):
        parts = [".".join(parts)]
    for part in parts:
        base, *classes = part.replace("-", ".").split(".")
        while classes and not _is_said(base) and not _CLASS.fullmatch(classes[0]):  # NYSE-ABC
            base, *classes = classes
        classes = [mark for mark in classes if not _is_exchange(mark) and not (mark in _MARKETS and f".{mark}" in part)]
        if len(classes) > 1 and all(len(mark) == 1 for mark in (base, *classes)):  # T.S.T.X
            base, classes = "".join((base, *classes)), []
        symbol = f"{base}.{classes[0]}" if len(classes) == 1 else base
        if symbol not in _NONE and _SYMBOL.fullmatch(symbol):
            yield symbol


def _is_said(word: str) -> bool:
    """Whether *word* can be a symbol beside others."""
    return word not in _BESIDE and not _is_exchange(word)


def _is_exchange(word: str) -> bool:
    """Whether *word* says where it is traded, as NASDAQ, N.Y.S.E. and NYSE-ARCA do."""
    return word in _EXCHANGES or word.replace("-", "").replace(".", "") in _EXCHANGES


def _is_remainder(symbol: str, found: Iterable[str]) -> bool:
    """Whether *symbol* belongs to another of those *found*, as the unit does in ``ABC, U``; Z in ``Z, ZG`` does not."""
    if len(symbol) > 1 and symbol not in _SECURITIES and symbol not in _BESIDE:
        return False
    return not any(other != symbol and other.startswith(symbol) for other in found)
