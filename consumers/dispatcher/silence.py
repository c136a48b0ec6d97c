"""What nobody wants to be told. Pure."""

from collections.abc import Iterable

from consumers.parser.symbols import finding
from service.model.alert import Alert
from service.model.delivery import Decision, Obligation, Suppressed, Suppression
from service.model.filing import Provenance
from service.model.identity import SilenceId
from service.model.silence import Matcher, Silence


def silence(decision: Decision, found: Provenance, by: SilenceId | None) -> Decision:
    """*decision*, for an alert on a filing *found* so, which the silence *by* covers (None: none does).

    One on the past is told only where it was asked for. A silence holds for urgent rules, too.
    """
    if not isinstance(decision, Obligation):
        return decision
    if found.history and found.digest is None:
        return Suppressed(channel=decision.channel, reason=Suppression.HISTORY)
    if by is not None:
        return Suppressed(channel=decision.channel, reason=Suppression.SILENCED, silence=by)
    return decision


def covering(alert: Alert, silences: Iterable[Silence]) -> SilenceId | None:
    """The first of *silences* that covers *alert*, and is of its workspace; None: none does."""
    return next((one.id for one in silences if one.workspace == alert.workspace and covers(one.matcher, alert)), None)


def covers(matcher: Matcher, alert: Alert) -> bool:
    """Whether *alert* is one of those that *matcher* means.

    A filing by several owners is each one's. Rows of another kind than those that are named keep an alert from being
    silenced: whoever silences gifts wants to be told of the sale beside one.
    """
    return (
        (not matcher.rules or alert.rule_id in matcher.rules)
        and (not (matcher.companies or matcher.tickers) or _is_of(alert, matcher))
        and (not matcher.owners or any(one.rpt_owner_cik in matcher.owners for one in alert.owners))
        and (not matcher.kinds or (bool(alert.rows) and all(row.kind in matcher.kinds for row in alert.rows)))
    )


def _is_of(alert: Alert, matcher: Matcher) -> bool:
    """Whether *alert* is on one of the companies that *matcher* names."""
    if alert.issuer.issuer_cik in matcher.companies:
        return True
    return any(one in matcher.tickers for one in finding(alert.issuer.symbols))
