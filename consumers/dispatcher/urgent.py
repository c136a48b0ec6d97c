"""What goes before others, and at any hour. Pure."""

from datetime import timedelta

from msgspec.structs import replace

from service.model.delivery import Decision, Obligation

AHEAD = timedelta(days=1)  # of what waits for the channel: more than a channel that takes anything is behind


def urgent(decision: Decision) -> Decision:
    """*decision*, for an alert of an urgent rule: in its channel's queue as if it had waited for a day."""
    return replace(decision, due=decision.due - AHEAD) if isinstance(decision, Obligation) else decision
