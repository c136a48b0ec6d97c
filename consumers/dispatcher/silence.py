"""What nobody wants to be told. Pure."""

from service.model.delivery import Decision, Obligation, Suppressed, Suppression
from service.model.filing import Provenance


def silence(decision: Decision, found: Provenance) -> Decision:
    """*decision*, for an alert on a filing *found* so: one on the past is told only where it was asked for."""
    if isinstance(decision, Obligation) and found.history and found.digest is None:
        return Suppressed(channel=decision.channel, reason=Suppression.HISTORY)
    return decision
