"""Trading symbols as filers write them, to symbols as a watchlist writes them."""

import re

_EXCHANGE = re.compile(
    r"\(?\b(?:NYSE(?: ?(?:AMERICAN|ARCA|MKT))?|NASDAQ(?:-?[A-Z]{2})?|AMEX|OTC(?:QB|QX|BB| PINK)?|TSXV?)\b\)?\s*:?"
)
_BETWEEN = re.compile(r"[,;&|\s]+|\bAND\b")
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,9}(?:\.[A-Z]{1,3})?")
_NONE = frozenset({"NONE", "N/A", "N.A", "NULL", "NOT", "APPLICABLE", "NOTAPPLICABLE"})


def normalised(filed: str) -> tuple[str, ...]:
    """The symbols in *filed* (issuerTradingSymbol), upper case, class behind a point; empty where it names none.

    >>> normalised("NYSE: BRK/B, brk.a")
    ('BRK.B', 'BRK.A')
    >>> normalised("n/a")
    ()
    """
    found: list[str] = []
    for word in _BETWEEN.split(_EXCHANGE.sub(" ", filed.upper())):
        bare = word.strip(".()[]\"'$")
        symbol = re.sub(r"[/\-]", ".", bare)
        if bare not in _NONE and _SYMBOL.fullmatch(symbol) and symbol not in found:
            found.append(symbol)
    return tuple(found)
