"""The words of vesting schedules, as data: numbers, parts, periods, and what makes a schedule none."""

import re

from consumers.matcher.facts.notes import DATE

NUMBERS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
} | {"sixteen": 16, "eighteen": 18, "twenty": 20, "twenty-four": 24, "thirty-six": 36, "forty-eight": 48, "sixty": 60}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "1st": 1, "2nd": 2, "3rd": 3}
ORDINALS |= {f"{number}th": number for number in range(4, 11)} | {"seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
FRACTIONS = {"half": 2, "halves": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8}
MONTHS = {"annual": 12, "annually": 12, "year": 12, "yearly": 12, "years": 12, "semi-annual": 6, "semi-annually": 6}
MONTHS |= {"semiannual": 6, "quarter": 3, "quarters": 3, "quarterly": 3, "month": 1, "months": 1, "monthly": 1}

_N = rf"(?:\d{{1,3}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_EVERY = r"(?:annual|semi-annual|semiannual|quarterly|monthly|yearly)"
_PART = r"(?:installments?|instalments?|increments?|tranches|parts|portions|amounts)"
_EQUAL = r"(?:(?:substantially |approximately )?equal|successive|consecutive|ratable)"
_OF_GRANT = (
    r"(?:date of (?:the |this )?(?:grant|award)|(?:grant|award|transaction|issuance) date|date hereof|"
    r"(?:(?<=anniversary )|(?<=anniversaries ))of (?:the |this )?(?:grant|award)\b(?! agreement))"
)

_JOINED = rf"(?:(?:{_EQUAL}|{_EVERY}|,|and) ?){{0,4}}"
_REFUSED = (
    r"performance|earlier|later of|whichever|achiev\w*|attain\w*|milestones?|hurdles?|targets?|if|unless",
    r"change (?:in|of) control|accelerat\w*|approximately|up to|certain|portion of|previously|determined|committee",
    r"death|disability|retire\w*|market|except\w*|annual meeting|ipo|closing|hire date|start date",
    r"vesting commencement date(?! (?:of|is|\())",
    rf"{DATE},? or|or (?:on )?{DATE}|on or (?:about|before|after)",
    rf"(?:settle\w*|deliver\w*|distribut\w*|paid|payable|expire\w*|terminat\w*|exercised)\b[^.;]{{0,60}}?{DATE}",
)
_PATTERNS = {
    "refused": rf"\b(?:{'|'.join(_REFUSED)})\b",
    "base": rf"\b(?:granted|awarded|issued)(?: on)? {DATE}",
    "aside": rf"\b(?:dated|adopted|amended|approved|filed)(?: on| as of)? {DATE}",
    "day": rf"\b{DATE}",
    "percent": r"\b\d{1,3}(?:\.\d+)?(?: \d/\d)? ?(?:%|percent\b)",
    "fraction": rf"\b\d{{1,3}}/\d{{1,3}}(?:th|rd|nd|st)?s?\b|\b(?:one|two|three)[ -](?:{'|'.join(FRACTIONS)})s?\b",
    "count": r"\b(?:\d{1,3}(?:,\d{3})+|\d+) (?:shares|options|units|rsus)\b",
    "equal": rf"\b(?:{_N} )?{_JOINED}(?:{_EQUAL}|{_EVERY}) {_JOINED}{_PART}\b|\b{_N} (?:vesting )?{_PART}\b",
    "ratably": r"\bratabl[ey]\b|\bpro rata\b|\bequally\b",
    "anniversaries": rf"\beach of the (?:first |next )?{_N} (?:annual )?anniversar(?:y|ies)\b"
    r"|\beach (?:of the )?(?:annual |one-year |yearly )?anniversar(?:y|ies)\b",
    "anniversary": rf"\b(?:(?:(?:{'|'.join(ORDINALS)})|{_N}[ -]year)(?: annual)? )?anniversary\b",
    "over": r"\b(?:over|for|during) (?:a |the |an? )?(?:following |next |period of |subsequent )*"
    rf"{_N}[ -](?:years?|months?|quarters?)(?: period)?\b|\b{_N}[ -](?:year|month) (?:vesting )?period\b",
    "within": rf"\b{_N} (?:years?|months?) (?:after|from|following)\b",
    "every": rf"\b{_EVERY}\b|\b(?:semi-annually|annually)\b|\b(?:each|every|per) (?:year|quarter|month)\b",
    "then": r"\bthereafter\b|\bafter that\b|\bfollowing such date\b",
    "rest": r"\b(?:remainder|remaining|balance|rest)\b",
    "each": r"\beach of\b|\beach\b|\brespectively\b",
    "begin": r"\b(?:(?:beginning|commencing|starting|begin|commence|start)(?: on)?(?! the first (?:vest|instal))"
    r"|(?:beginning |commencing |starting )?(?:with |on )?the first (?:such )?(?:installment|instalment|vesting date|"
    r"vesting event|vest date|vesting|tranche))\b",
    "end": r"\b(?:ending|until|through|such that|so that)\b",
    "from": r"\bfrom\b|\bafter\b",
    "granted": _OF_GRANT,
    "full": r"\b(?:in full|fully|cliff|all of)\b",
    "number": rf"\d|\b(?:{_N}|{'|'.join(ORDINALS)})\b|anniversar",
}
TOKENS = re.compile(
    r"(?<![a-z0-9])(?=[a-z0-9])(?:" + "|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS.items()) + ")"
)
ANCHORED = re.compile(r"anniversar|\d{4}|grant|/\d\d\b")
"""What a schedule hangs on: without such a word it has no day."""

_SERVICE = (  # staying in service is no condition beside which a schedule could be another
    r",? (?:and )?(?:in each case,? )?(?:subject (?:only )?to|provided(?: that)?|so long as|contingent (?:up)?on|"
    r"conditioned (?:up)?on|assuming|if)\b[^.;]{0,60}?\b(?:service|employ\w*|remains?|continu\w*)\b[^.;]*"
)
_CLEAN = (  # what a text must hold for the expression to find anything, the expression, and what stands in its place
    ("(", rf"\b({_N})(?: year)? \(\d{{1,3}}\)", r"\1"),  # four (4)
    ("%)", r"\b[a-z-]+(?:[ -][a-z]+)? ?(?:percent )?\((\d{1,3}(?:\.\d+)?%)\)", r"\1"),  # twenty-five percent (25%)
    ("", r"\b(?:one|a) share\b|\bone-for-one\b|\b1-for-1\b|\bsection \S+|\brule \S+", " "),
    ("exercis", r"\bimmediately exercisable(?= and vest)|\bearly exercis\w+", " "),
    ("", _SERVICE, ""),
)
CLEAN = tuple((sign, re.compile(pattern), meant) for sign, pattern, meant in _CLEAN)
SCHEDULED = re.compile(r"\bvest|exercisable|instal|anniversar|thereafter|remain|lapse")
SENTENCES = re.compile(r"(?<![ .][a-z])\.\s+|;\s*")
