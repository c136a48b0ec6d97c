"""What a rule found in a filing, and why."""

from collections.abc import Mapping
from hashlib import sha1
from uuid import UUID

from msgspec import Struct

from service.model.amendment import Amends
from service.model.fact import Fact, FilingFacts, MeasureSource, Verdict
from service.model.filing import Accession, Filing
from service.model.flag import Flag
from service.model.identity import Revision, RuleId, WorkspaceId
from service.model.ownership import FootnoteId, Issuer, ReportingOwner
from service.model.rule import Priority
from service.model.trade import TradeId, told_before, trade_id

_NAMESPACE = UUID("6f1f3c7e-5f0e-4a6b-9a44-2f3d0b6f4c11")  # of alert ids; never to be changed


def alert_id(rule: RuleId, accession: Accession) -> str:
    """The same rule and filing give the same id, on every machine and after every crash: a UUID of version 5.

    It is written at once; Python's own takes three times as long, by way of a number.
    """
    digits = sha1(_NAMESPACE.bytes + f"{accession}/{rule}".encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


class Evidence(Struct, frozen=True, kw_only=True):
    """One predicate's verdict and what it rests on."""

    predicate: str  # "exercise_value >= $500,000"
    verdict: Verdict
    stated: str  # what the filing says: "$582,000 ($2.91 x 200,000 shares)"
    sources: tuple[MeasureSource, ...] = ()
    parts: tuple["Evidence", ...] = ()  # where it joins others: theirs
    filings: tuple[Accession, ...] = ()  # of a cluster: the filings that it is made of, in the order of time

    @property
    def boxes(self) -> tuple[str, ...]:
        """The boxes that it rests on, as printed on the form, each once."""
        return tuple(dict.fromkeys(source.number for source in self.sources))

    @property
    def footnotes(self) -> tuple[FootnoteId, ...]:
        """What these boxes cite, each once."""
        return tuple(dict.fromkeys(number for source in self.sources for number in source.footnotes))


class RowExplanation(Struct, frozen=True, kw_only=True):
    """How one transaction row fared."""

    place: str  # "Table II row 1"
    title: str | None  # the security
    verdict: Verdict
    evidence: tuple[Evidence, ...]


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a rule fired, or why not: every predicate on the filing and on each row."""

    rule: str
    verdict: Verdict
    filing: tuple[Evidence, ...]  # predicates on the filing as a whole
    rows: tuple[RowExplanation, ...]
    total: tuple[Evidence, ...] = ()  # thresholds on sums over the rows (per: filing)


class Alert(Struct, frozen=True, kw_only=True):
    """The value of ``form4.alerts``, and the body of a webhook: one rule met by one filing."""

    id: str
    workspace: WorkspaceId
    rule_id: RuleId
    rule_revision: Revision  # as of which the rule was met
    rule: str  # its name then
    description: str | None
    headline: str  # one line that says it all
    filing: Filing
    issuer: Issuer
    owners: tuple[ReportingOwner, ...]
    amendment: bool
    trade_id: TradeId | None = None  # the same for all filings on one trade; None: made before there was one
    plan_10b5_1: bool | None  # None: the box is left out, unreadable, or of a form version without it
    rows: tuple[Fact, ...]  # the rows that met the rule
    footnotes: Mapping[FootnoteId, str]  # those that the rows cite
    remarks: str | None
    flags: tuple[Flag, ...]  # what is odd in the filing
    facts: FilingFacts = FilingFacts()  # of the filing as a whole; those of a row stand with it
    explanation: Explanation
    priority: Priority = Priority.NORMAL  # as the rule has it
    amends: Amends | None = None  # of an amendment: what it amends and changes, as far as that was here then
    follows: str | None = None  # the id of this rule's first alert on what is amended, or on the trade; None: it is it
    type: str = "filingbell.alert.v1"

    @property
    def first_told_by(self) -> Accession | None:
        """The filing that told of its trade before; None: none did, or this one amends, which is news."""
        return told_before(self.trade_id, self.filing.accession, amendment=self.amendment)

    @property
    def follows_trade(self) -> bool:
        """Whether another filing has told of its trade before."""
        return self.trade_id is not None and self.trade_id != trade_id(self.filing.accession)

    @property
    def repeats(self) -> bool:
        """Whether its rule has rung for its trade before, and it adds who filed it as well."""
        return self.follows is not None and self.first_told_by is not None
