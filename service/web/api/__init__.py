"""The API, resource by resource; what can be asked for stands in one table."""

from service.web.api import (
    accounts,
    alerts,
    changes,
    channels,
    completeness,
    conditions,
    dead_letters,
    deliveries,
    documents,
    filings,
    invitations,
    latency,
    me,
    people,
    rules,
    service,
    tape,
    tokens,
    watchlists,
    workspaces,
)
from service.web.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *me.ENDPOINTS,
    *rules.ENDPOINTS,
    *watchlists.ENDPOINTS,
    *channels.ENDPOINTS,
    *alerts.ENDPOINTS,
    *deliveries.ENDPOINTS,
    *tape.ENDPOINTS,
    *filings.ENDPOINTS,
    *documents.ENDPOINTS,
    *conditions.ENDPOINTS,
    *completeness.ENDPOINTS,
    *latency.ENDPOINTS,
    *service.ENDPOINTS,
    *dead_letters.ENDPOINTS,
    *workspaces.ENDPOINTS,
    *people.ENDPOINTS,
    *invitations.ENDPOINTS,
    *accounts.ENDPOINTS,
    *tokens.ENDPOINTS,
    *changes.ENDPOINTS,
)
"""Everything that can be asked for."""
