"""Officers' titles, in the many ways they are spelt, to the roles that rules ask for.

A title is read word by word: offices that are known, what takes them away (*former*, *deputy*, *of Acme Bank*), and
words that are neither. The office of a part of the company is not the company's: ``President, North America`` is no
president here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from consumers.remembered import remembered
from service.model.fact import OwnerRole
from service.model.ownership import OwnershipDocument, ReportingOwner

_CUT = 28  # the form's box takes 30 characters: what is that long may go on

_OFFICER = r"(?:officers?|offcr|offr|ofcr|offcer|offic|office|offi|off|of|o)\b(?! the| our)"
_CHIEF = r"(?:chief|chf|cheif|principal|prin)"
_CHAIR = r"(?:chairman|chairwoman|chairperson|chair|chairmn|chmn|chrmn|chrm|chm)"
_BOARD = r"(?: of (?:the )?(?:board(?: of (?:directors|trustees|managers))?|bod|bd|directors|company))?"

_WORDS: Mapping[str, str] = {
    # not the office itself, but beside it, below it, or before it
    "former": r"former(?:ly)?|ex|past|retired|retiring|resigned|departed|departing|emeritus|emerita|previous(?:ly)?",
    "under": r"deputy|assistant|asst|assoc|associate|vice(?= (?:chair|chmn|chm|chrmn))",
    "staff": r"chief of staff|advis[eo]r|secretary(?= to (?:the |our )?(?:ceo|chief|president|chair))",
    # whose office it is not: those related to its holder, what is held for them, and the people who work for them
    "beside": r"(?:spouse|wife|husband|widow|widower|son|daughter|child|father|mother|parent|brother|sister|relative|"
    r"family(?: member)?|partner|estate|executor|trust|trustee|affiliate|employee|nominee|designee|office) (?:of|for)",
    # offices
    "vice_president": r"(?:(?:senior|sr|snr|executive|exec|first|1st|second|group|corporate|corp|regional|global)[ ])*"
    r"(?:vice president|vice pres|vice presid\w*|vice-president|vpres|vp|v p)|evp|svp|sevp|fvp|gvp|cvp|snvp|srvp|exvp",
    "ceo": rf"{_CHIEF} (?:executive|exec|exectutive|excutive|executve)(?: {_OFFICER}|\b)|chief ex\w{{0,6}}$|ceo|peo",
    "cfo": rf"{_CHIEF} (?:financial|finance|fin|financ|fncl)(?: {_OFFICER}|\b)|chief fi\w{{0,6}}$|cfo|pfo",
    "coo": rf"{_CHIEF} (?:operating|operations|operation|oper|ops|op)(?: {_OFFICER}|\b)|chief op\w{{0,8}}$|coo",
    "cto": rf"{_CHIEF} (?:technology|technical|tech)(?: {_OFFICER}|\b)|cto",
    "accounting_officer": rf"{_CHIEF} (?:accounting|acctg|acct|acctng)(?: {_OFFICER}|\b)|pao",
    "general_counsel": r"(?:general|gen|gnrl|genl|gen'l) (?:counsel|couns|coun|cnsl|counse|counsl)\b|general coun?$|gc|"
    rf"chief legal(?: (?:{_OFFICER}|counsel)|\b)|clo",
    "chair": r"(?:(?:executive|exec|independent|lead|board|non-executive|nonexecutive|non executive) )*"
    rf"{_CHAIR}{_BOARD}\b|cob",
    "president": r"president|pres|presiden|preside|presid",
    "treasurer": r"treasurer|treas|treasure",
    "secretary": r"(?:corporate |corp |company )?(?:secretary|secty|secy|sec'y|secretar|"
    r"secreta|secret)|corp(?:orate)? sec|sec$",
    "founder": r"founder|cofounder|co-founder",
    # offices that are none of the roles, so that what follows them is not what they are of
    "office": rf"{_CHIEF} (?:[a-z]+ ){{1,4}}?officer|cio|cmo|cso|chro|cro|cao|director|board member|"
    r"member of the board|member|manager|general manager|gm|controller|comptroller|owner|partner|trustee|head|officer|"
    r"employee|principal",
    # what changes nothing
    "same": r"interim|acting|temporary|co|joint|the|our|its|an?|worldwide|company|also|currently|current|appointed",
    "group": r"group|global|corporate|corp",
    "own": r"of (?:the )?(?:company|issuer|registrant|corporation|firm|board(?: of directors)?)\b",
    "of": r"of|for|at|to|with|in|within",
    "and": r"and|as well as",
    "word": r"[a-z0-9][a-z0-9'\u2019.]*",
}
_TOKENS = re.compile(
    "|".join(rf"(?P<{name}>(?<![a-z0-9])(?:{one})(?![a-z0-9]))" for name, one in _WORDS.items())
    + r"|(?P<sign>[&/+])|(?P<sep>[,;:()|]|-+|\u2013|\u2014)"
)
_ROLES = {role.name.lower(): role for role in OwnerRole}
_OFFICES = frozenset({*_ROLES, "office", "beside"})
_WHOLE = frozenset({"ceo", "president", "chair"})  # beside which any other word names a part of the company
# Before "to CEO", who has become it; before any other, "to" names whom somebody works for: "counsel to the CEO".
_BECAME = frozenset({"promoted", "appointed", "elected", "named", "changed", "moved", "advanced", "transitioned"})
_BESIDE = frozenset({"secretary", "treasurer"})  # which stand behind other words: "VP Finance, Treasurer"
_OWN = frozenset({"inc", "corp", "company", "co", "the", "issuer", "board", "directors", "general", "partner", "gp"})
# Beside other offices, words such as these say what the office is for.
_FUNCTIONAL = frozenset(
    {"finance", "financial", "accounting", "treasury", "tax", "administration", "administrative", "operations"}
    | {"strategy", "legal", "compliance", "risk", "investor", "relations", "corporate", "development", "business"}
    | {"human", "resources", "people", "technology", "information", "planning", "governance", "affairs", "public"}
    | {"government", "sales", "marketing", "communications", "capital", "markets", "supply", "chain", "product"}
)

_SEVERAL = re.compile(rf"\b({_CHIEF}) ([a-z]+(?:(?:, and |, & |, | and | & |/)[a-z]+)+) officer\b")
_SEPARATORS = re.compile(r", and |, & |, | and | & |/")
_ATTACHED = re.compile(r"(?<!\bco)(?<!\bvice)(?<!\bnon)-(?=\w)")
_EXHIBIT = re.compile(r"\b(?:see )?(?:exhibits?|ex\.?) (?:list|24|99)\b.*|\bpower of attorney\b.*", re.DOTALL)
_ELSEWHERE = re.compile(r"remark|footnote|explanation|below|see note|^\W*(?:see|\(?\d\)?)?\W*$", re.IGNORECASE)
_OPEN_END = re.compile(r"(?:\bch(?:i(?:e(?:f(?: \w{0,2})?)?)?)?|\bprin\w*|\bgen\w{0,4}|[,&/-]|\band?)$")
_GONE = re.compile(r"[ ,(-]*(?:emerit|retired|resigned|former)")  # behind the office
_SENTENCE = re.compile(r"(?<=\w{4})\.\s|\.$|\n")
_PROSE = 200  # characters: what is longer is no title
_FIRST = 6  # words within which a title names its office
_NO_TITLE = re.compile(r"\b(?:transactions?|reports?|reported|filings?|filed|amendment|form|shares?)\b", re.IGNORECASE)
_SAID = re.compile(
    r"(?:(?:officer'?s?|reporting persons?'?s?|official|full|complete)\s+)*title(?:\(s\))?\s*(?:is|:|-|\u2013)\s*"
    r"|(?:the |this )?reporting person(?: is| serves as)(?: the| an?)?(?: issuer's| company's)?\s"
    r"|(?:mr|ms|mrs|dr)\.? [\w.' -]{2,30} (?:is|serves as)(?: the| an?)?(?: issuer's| company's)?\s"
    r"|^\W+",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(
    r"no longer|resign|retire|former|ceased|until|was the|deputization|may be deemed", re.IGNORECASE
)


OFFICES = frozenset(OwnerRole) - {OwnerRole.DIRECTOR, OwnerRole.OFFICER, OwnerRole.TEN_PERCENT_OWNER, OwnerRole.OTHER}
"""The roles that a title names; the others are ticks."""


class Roles(NamedTuple):
    """What an owner is to the issuer."""

    found: frozenset[OwnerRole]
    complete: bool  # False: an officer whose title is not stated, or cut off, so that any office can be theirs


def roles_of(owner: ReportingOwner, document: OwnershipDocument) -> Roles:
    """By the ticks of box 5, the title beside them, and the remarks where the title refers to them."""
    relationship = owner.relationship
    ticks = (
        (OwnerRole.DIRECTOR, relationship.is_director),
        (OwnerRole.OFFICER, relationship.is_officer),
        (OwnerRole.TEN_PERCENT_OWNER, relationship.is_ten_percent_owner),
        (OwnerRole.OTHER, relationship.is_other),
    )
    ticked = frozenset(role for role, tick in ticks if tick)
    title = _stated(
        relationship.officer_title or relationship.other_text or "",
        document.remarks or "",
        bool(relationship.is_officer),
    )
    if not title:
        return Roles(ticked, complete=not relationship.is_officer)
    cut = len(title) >= _CUT and _OPEN_END.search(title.casefold())
    return Roles(ticked | offices(title, document.issuer.issuer_name or ""), complete=not cut)


def offices(title: str, issuer: str = "") -> frozenset[OwnerRole]:
    """The offices of the company that *title* names; *issuer*: its name, which may stand in the title."""
    tokens = _tokens(title)
    refused = {position for position, token in enumerate(tokens) if _of_a_part(position, tokens, issuer)}
    for position in reversed(range(len(tokens) - 2)):  # "President and CEO, Acme Bank": both are of the bank
        if tokens[position + 1].kind == "and" and position + 2 in refused and tokens[position].kind in _WHOLE:
            refused.add(position)
    return frozenset(
        _ROLES[token.kind] for position, token in enumerate(tokens) if token.kind in _ROLES and position not in refused
    )


class _Token(NamedTuple):
    kind: str
    text: str


def _stated(title: str, remarks: str, is_officer: bool) -> str:
    """*title*, or what the remarks say where it refers to them."""
    if not _ELSEWHERE.search(title) or (not title.strip() and not is_officer):
        return title.strip()
    for sentence in _SENTENCE.split(_EXHIBIT.sub("", remarks))[:2]:
        if _NO_LONGER.search(sentence):
            return ""
        said = _SAID.sub("", sentence.strip()).strip()
        kinds = [token.kind for token in _tokens(said)]
        if len(said) <= _PROSE and not _NO_TITLE.search(said) and not _OFFICES.isdisjoint(kinds[:_FIRST]):
            return said
    return ""


def _bare(text: str) -> str:
    """*text* in lower case, without points, its hyphens between offices standing apart."""
    text = _EXHIBIT.sub("", text.casefold()).replace(".", "").replace("\u2019", "'").replace("ex-", "ex ")
    return _ATTACHED.sub(" - ", " ".join(text.split()))


@remembered(1024)
def _tokens(title: str) -> tuple[_Token, ...]:
    return tuple(_read(title))


def _read(title: str) -> Iterator[_Token]:
    def each(match: re.Match[str]) -> str:
        return " and ".join(f"{match[1]} {word} officer" for word in _SEPARATORS.split(match[2]))

    below = False  # a deputy's office is the next one alone
    void = False  # what a word such as "former" is said of goes on over "and", up to the next comma
    others = _Others()
    text = _SEVERAL.sub(each, _bare(title))
    for match in _TOKENS.finditer(text):
        kind = "and" if match.lastgroup == "sign" else match.lastgroup or "word"
        if kind in ("former", "staff"):
            void = True
        elif kind == "sep":
            void = False
        gone = others.have(kind, match[0]) or void or below or _GONE.match(text, match.end())
        below = kind == "under" or (below and kind not in _OFFICES)
        yield _Token("office" if gone and kind in _ROLES else kind, match[0])


class _Others:
    """Reads along which offices are somebody else's: behind ``to the`` and ``spouse of``, and those joined to them."""

    def __init__(self) -> None:
        self._next = self._joined = False  # whether the next office is, and whether one that "and" joins to it
        self._became = False

    def have(self, kind: str, text: str) -> bool:
        """Whether the next token, of *kind*, is an office of somebody else's."""
        if kind == "beside" or (kind == "of" and text == "to" and not self._became):
            self._next, self._joined = True, False
        elif self._next and kind in _ROLES and kind not in _BESIDE:
            self._joined = True
        elif not (kind == "same" or (kind == "and" and self._joined)):
            self._next = False
        self._became = text in _BECAME or kind in _ROLES  # "from COO to CEO"
        return self._next and kind in _ROLES


def _of_a_part(position: int, tokens: Sequence[_Token], issuer: str) -> bool:
    """Whether the office at *position* is one of a division, a subsidiary or a committee."""
    office = tokens[position].kind
    if office not in _ROLES or office in ("vice_president", "founder"):
        return False
    before = tokens[position - 1].kind if position and office not in _BESIDE else ""
    if before == "word" or (before == "group" and office == "president"):
        return True
    after = [token for token in tokens[position + 1 :] if token.kind != "same"]
    beside = takewhile(lambda token: token.kind in ("word", "group", "of", "sep"), after)
    foreign = {token.text for token in beside if token.kind in ("word", "group")} - _OWN
    if foreign:
        foreign.difference_update(_bare(issuer).split())
    strict = office in _WHOLE or (bool(after) and after[0].kind == "of")
    if office in _BESIDE and not strict:
        return False
    return bool(foreign) and (strict or foreign.isdisjoint(_FUNCTIONAL))
