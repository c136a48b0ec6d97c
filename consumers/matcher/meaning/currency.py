"""Whether a text says that an amount is in another currency than US dollars."""

import re

_NAMES = (
    r"pesos?|reais|brazilian real|euros?|pounds?,? sterling|british pounds?|pence|yen|yuan|renminbi|francs?",
    r"kron(?:a|e|er|or|ur)|shekels?|rupees?|rupiah|korean won|rands?|zlot(?:y|ys|ych)|lira|rou?bles?|baht|ringgit",
    r"dirhams?|riyals?|forints?|koruna",
    r"(?:canadian|australian|(?:new )?taiwan(?:ese)?|hong kong|singapore|new zealand|bermudian|jamaican) dollars?",
)
_SIGNS = r"(?<!\w)(?:R|NT|C|CA|CAD|CDN|A|AU|HK|S|NZ|MX) ?\$|[€£¥₩₹₪]"
_CODES = (  # ISO 4217 and what is written for it; in capitals, since some are words
    "EUR GBP GBX CAD CDN AUD JPY CNY RMB HKD NTD TWD CHF SEK NOK DKK ILS NIS INR KRW ZAR SGD NZD MXN ARS BRL CLP COP "
    "PEN PLN TRY RUB THB MYR AED HUF CZK ISK IDR PHP"
)
_FOREIGN = re.compile(rf"\b(?:{'|'.join(_NAMES)})\b|{_SIGNS}|\b(?-i:{'|'.join(_CODES.split())})\b", re.IGNORECASE)

_CONVERTED = re.compile(
    r"\bconvert(?:ed|ing)\b|\btranslat(?:ed|ing|ion)\b|\b(?:exchange|conversion) rates?\b|\brates? of exchange\b|"
    r"\bnoon buying\b|\bequivalent (?:of|to|in) (?:approximately )?(?:the )?(?:US|U\.S\.|\$)|"
    r"\b(?:US|U\.S\.) dollars? equivalent",
    re.IGNORECASE,
)
_NOT_CONVERTED = re.compile(
    r"\b(?:not|never|without)\b(?: (?:been|being|yet|any|a|an)){0,2} (?:conver|translat)", re.IGNORECASE
)


def foreign(text: str) -> str | None:
    """The currency that *text* says its amount is in; None: none, or it was converted into US dollars."""
    found = _FOREIGN.search(text)
    if found is None or (_CONVERTED.search(text) and not _NOT_CONVERTED.search(text)):
        return None
    return found[0]
