"""Whether a text says that an amount is in another currency than US dollars."""

import re

_NAMES = (
    "peso pesos reais euro euros yen yuan renminbi krona krone kroner kronor kronur shekel shekels rupee rupees rupiah "
    "rands zloty zlotys zlotych rubles roubles ringgit dirham dirhams riyals forint forints koruna dinar dinars tenge "
    "naira hryvnia hryvnias kwacha pataca patacas cedis colones quetzales guaranies lempiras bolivianos"
)
_IN_WORDS = (  # what alone can be somebody's name
    r"brazilian real|(?:swiss|cfa) francs?|pounds?,? sterling|british pounds?|(?:in|\d+(?:\.\d+)?) (?:british )?pence|"
    r"korean won|african rand|in rand|turkish lira|thai baht|in sterling|(?:egyptian|lebanese|sudanese|syrian) pounds?|"
    r"vietnamese dongs?|peruvian sol(?:es)?|romanian lei|bulgarian leva?|georgian lari|armenian drams?|ethiopian birr|"
    r"(?:canadian|australian|taiwan(?:ese)?|hong kong|singapore|new zealand|bermudian|jamaican|barbad(?:os|ian)|"
    r"bahamian|belize|cayman(?: islands)?|caribbean|fiji(?:an)?|liberian|namibian|trinidad(?: and tobago)?|"
    r"zimbabwe(?:an)?) dollars?"
)
_CODES = (  # ISO 4217 and what is written for it; in capitals, since some are words
    "EUR GBP GBX CAD CDN AUD JPY CNY RMB HKD NTD TWD CHF SEK NOK DKK ILS NIS INR KRW ZAR SGD NZD MXN ARS BRL CLP COP "
    "PEN PLN TRY RUB THB MYR AED HUF CZK ISK IDR PHP CNH KZT VND EGP KWD BHD QAR OMR JOD NGN UAH BGN PKR LKR BDT GEL "
    "KES GHS TZS ZMW MUR MAD TND UYU PYG CRC DOP GTQ HNL JMD TTD BMD BSD BBD KYD XOF XAF GBp ZAc ZAC"
)
_SIGNS = (
    r"(?<![\w.])(?:R|C|A|S|(?:NT|CA|CAD|CDN|AU|AUD|HK|HKD|SG|NZ|NZD|MX|MXN|Mex|Mex\.|COL|CLP) ?)\$|"
    r"(?<!\w)(?:Ps|Rs)\.? ?\d|[€£¥₩₹₪]"
)

HINTS = frozenset(
    f"{_NAMES} {_CODES.lower()} brazilian franc francs sterling british pence korean rand turkish thai canadian "
    "australian taiwan taiwanese hong singapore zealand bermudian jamaican ps rs pounds pound dong dongs sol soles lei "
    "lev leva lari dram drams birr barbados barbadian bahamian belize cayman caribbean fiji fijian liberian namibian "
    "trinidad zimbabwe zimbabwean".split()
)
"""Words of which a text has one, or else `SIGN`, if it says so: they are looked for first, and quickly."""

SIGN = re.compile(  # all begin with one set, so that the engine skips what is not in it
    r"[A-Z\dx.€£¥₩₹₪](?:(?<=[A-Zx.]) ?\$|(?<=[PR])s\.?\d|(?<=[€£¥₩₹₪])|(?<=\b[A-Z])[A-Z][A-Zpc]\d|(?<=\d)p\b)"
)

_NAMED = re.compile(rf"\b(?:{'|'.join(_NAMES.split())}|{_IN_WORDS})\b", re.IGNORECASE)
_WRITTEN = re.compile(rf"{_SIGNS}|\b(?:{'|'.join(_CODES.split())})(?=\d|\b)|(?<![\w.])\d+(?:\.\d+)?p\b(?!\.?m)")

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
    found = _NAMED.search(text) or _WRITTEN.search(text)
    if found is None or (_CONVERTED.search(text) and not _NOT_CONVERTED.search(text)):
        return None
    return found[0]
