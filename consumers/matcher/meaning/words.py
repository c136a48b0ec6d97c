"""The word list: what a security's title says that it is.

The first entry whose words stand in the title decides, so that order matters: ``Restricted Stock Units (Dividend
Equivalent Rights)`` are dividend equivalents, and ``Deferred Restricted Stock Units`` are deferred. A title that no
entry knows, or whose entry is `Vague`, is decided by the numbers of its row (`security`).

Each entry has the reason that readers are shown, and titles as filed that made it necessary; a test holds it to them.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from consumers.remembered import remembered
from service.model.fact import SecurityClass


class Vague(StrEnum):
    """Titles that name no security of one class: the row's numbers decide."""

    UNITS = "units"  # of an account into which pay goes, or of an award
    SHARES = "shares"  # in Table II: an option, a class of stock that converts, or an award


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleWord:
    """Words of a title, and what they stand for."""

    says: SecurityClass | Vague
    words: tuple[str, ...]  # regular expressions; any of them stands in the title, in lower case with single spaces
    why: str  # for readers
    titles: tuple[str, ...]  # as filed
    found: re.Pattern[str] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", re.compile("|".join(self.words)))


_UNITS = r"(?:stock|share|phantom|performance) units?\b|\b[rp]su'?s?\b|phantom (?:stock|shares?)\b(?! option)"
_PERFORMANCE = r"performance[ -]*(?:based |vested )?(?:stock |share |equity )?(?:units?|shares?|stock|awards?)\b"

WORDS: tuple[TitleWord, ...] = (
    TitleWord(  # what units earn, not the units that only carry it: "Units with dividend equivalents"
        says=SecurityClass.DIVIDEND_EQUIVALENT,
        words=(r"(?<!and )(?<!with )(?<!plus )(?<!including )\bdiv(?:idend|\.)?s? *equiv", r"\bde[ru]s?\b"),
        why="the title says dividend equivalents",
        titles=(
            "Dividend Equivalent Rights",
            "Dividend Equivalents on Restricted Stock Units",
            "Deferred Stock Units Div. Equiv. Rights",
        ),
    ),
    TitleWord(  # contracts: they are not granted, and what stands in box 2 is no strike
        says=SecurityClass.OTHER,
        words=(
            r"\bswaps?\b",
            r"\bforward\b",
            r"\bcollars?\b",
            r"\bfutures?\b",
            r"contractual right",
            r"derivative agreement",
        ),
        why="the title says a contract",
        titles=("Cash-Settled Total Return Swap", "Prepaid Variable Forward Contract", "Contractual Right to Acquire"),
    ),
    TitleWord(  # before what it is for: a warrant for preferred stock is a warrant
        says=SecurityClass.WARRANT,
        words=(r"^(?:\S+ ){0,6}warr+[ae]nts?\b",),
        why="the title says a warrant",
        titles=("Warrant to Purchase Common Stock", "Series A Common Stock Purchase Warrant", "Warrrants"),
    ),
    TitleWord(  # before what it is for; but "Optional" is no option, nor is what names units first
        says=SecurityClass.OPTION,
        words=(rf"^(?:(?!{_UNITS}|notional|deferred).)*\b(?:options?|opt\w{0, 2}ns?|opts?|nqs?os?|isos?|nsos?)\b",),
        why="the title says an option",
        titles=(
            "Stock Option (Right to Buy)",
            "Employee Unit Option (right to buy)",
            "Non-Qual. Stk Opt",
            "Non-Qualified Stock Option (right to buy) with limited SAR",
        ),
    ),
    TitleWord(
        says=SecurityClass.SAR,
        words=(r"apprec\w* (?:right|unit)", r"\bs?sars?\b"),
        why="the title says an appreciation right",
        titles=("Stock Appreciation Rights", "Stock Appreciation Unit", "SARs"),
    ),
    TitleWord(  # before performance and phantom: what it converts into is a partnership's, whatever it waits for
        says=SecurityClass.PARTNERSHIP_UNIT,
        words=(
            r"\b(?:ltip|op|lp|llc|l\.l\.c\.|l\.p\.),? (?:\w+ )?units?\b",
            r"profits? (?:interests?|units?)",
            r"long[- ]term incentive units?\b",
            r"\b(?:partnership|operating|holdings) (?:\w+ )?units?\b",
            r"\b(?:common|class [\w-]+|(?<!stock )incentive) units?\b",
            r"\b(?:paired|llc|lp|membership|partnership|common) interests?\b",
            r"\bunits? (?:of|in) .*(?:partnership|operating|holdings|hold ?co|\bllc|\bl\.?p\b)",
        ),
        why="the title says units of a partnership",
        titles=(
            "OP LTIP Units",
            "Blue Owl Operating Group Units",
            "Class B Profits Units of Rithm Capital Management LLC",
            "Alabama Investments (Parallel), LP Units",
            "Non-voting common units of Alclear Holdings, LLC",
            "UWM Paired Interests",
        ),
    ),
    TitleWord(  # before restricted, where deferred is what they are: in brackets behind, it is only a plan's name
        says=SecurityClass.DEFERRAL,
        words=(r"^(?!.*convertible)(?:\w+ )?deferred\b", r"\bdeferrals?$"),
        why="the title says deferred",
        titles=(
            "Deferred Stock Units",
            "Deferred Restricted Stock Units",
            "Director Savings Plan Restricted Stock Unit Deferrals",
        ),
    ),
    TitleWord(  # before phantom: phantom stock that is restricted units in brackets is restricted units
        says=SecurityClass.RSU,
        words=(
            r"\br[ei]st\w*ed (?:class \w )?(?:common )?(?:stock|shares?|ordinary|units?)\b",
            r"\brst\. stock",
            r"\b[a-z]?rs[ua]'?s?\b",
            r"\b[mp]sus?\b",
        ),
        why="the title says restricted",
        titles=(
            "Restricted Stock Units (Deferred Stock Award 2/15/18)",
            "Phantom Stock (Restricted Stock Units)",
            "Restriced Stock Units",
            "Rst. Stock Unit",
            "2019 Incentive RSUs",
            "PRSU Award",
        ),
    ),
    TitleWord(  # also where they are deferred, but not where they are phantom or notional
        says=SecurityClass.RSU,
        words=(
            rf"^(?!.*(?:phantom|notional|equivalent)).*{_PERFORMANCE}",
            r"\bmarket[ -]*(?:based )?(?:stock|share) units?\b",
        ),
        why="the title says performance",
        titles=(
            "Performance Share Units",
            "Performance-Based Stock Unit",
            "Performance Share Units (Deferred)",
            "Market Stock Units",
        ),
    ),
    TitleWord(
        says=SecurityClass.DEFERRAL,
        words=(
            r"ph?[ah]*[nm]t[ao]m",
            r"notional|hypothetical|\bdsus?\b",
            r"^(?!.*(?:convertible|\bnote)).*\bdeferr",
            r"\bequivalents?\b",
            r"\b(?:stock|share) credits?\b",
            r"\b(?:savings|thrift|401\(k\)) plan\b",
        ),
        why="the title says phantom, notional or equivalent",
        titles=(
            "Phantom Stock Units",
            "Phamtom Stock Units",
            "Notional Shares - Optional",
            "Common Stock Equivalents (CSE)",
            "Stock Credits",
        ),
    ),
    # What stands in box 2 is a conversion price. "Non-convertible" preferred that exchanges into preferred, too.
    TitleWord(
        says=SecurityClass.CONVERTIBLE,
        words=(
            r"convertible|exchangeable|\bexch\.",
            r"\bnotes?\b|debentures?|\bbonds?\b|\bdebt\b|\bloans?\b|credit (?:agr|facility)",
            r"preferred|preference",
        ),
        why="the title says a note, preferred stock or what converts",
        titles=(
            "Senior Secured Convertible Notes due 2025",
            "Series A-2 Non-Voting Non-Convertible Preferred Stock",
            "8.000% Exchangeable Senior Second-Lien Secured PIK Notes",
        ),
    ),
    TitleWord(
        says=Vague.UNITS,
        words=(r"\bunits?\b", r"performance right", r"\bfees?\b", r"\bfund\b", r"\bcompensation\b"),
        why="the title says units",
        titles=("Stock Units", "Ford Stock Units", "Performance Rights", "Promised Fee Share"),
    ),
    TitleWord(
        says=SecurityClass.RSU,
        words=(r"\bawards?\b", r"\bgrants?\b", r"\brestricted\b", r"rights? to receive"),
        why="the title says an award",
        titles=("Conditional Stock Award", "Grants", "Rights to Receive Common Stock"),
    ),
    TitleWord(  # behind units and awards: "Restricted Share Units (right to acquire)" is no option
        says=SecurityClass.OPTION,
        words=(r"\brights? (?:to|ot) (?:buy|pu?r?chase|acquire|subscribe)", r"(?:subscription|purchase) right"),
        why="the title says a right to buy",
        titles=("Common Stock (Right to Buy)", "Subscription Rights (right to buy)"),
    ),
    TitleWord(
        says=Vague.SHARES,
        words=(r"\b(?:common|ordinary|capital|class \w|series \w)\b", r"\b(?:shares?|stock|ads|adrs?)\b"),
        why="the title says shares",
        titles=("Common Stock", "Class B Common Stock", "Ordinary Shares", "American Depositary Shares"),
    ),
)


@remembered(8_192)
def word_of(title: str) -> TitleWord | None:
    """The entry that decides *title*; None: none does."""
    text = " ".join(title.lower().split())
    return next((word for word in WORDS if word.found.search(text)), None)
