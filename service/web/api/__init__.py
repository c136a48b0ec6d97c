"""The API, resource by resource; what can be asked for stands in one table."""

from service.web.api import (
    alerts,
    channels,
    completeness,
    conditions,
    deliveries,
    documents,
    filings,
    latency,
    me,
    rules,
    service,
    tape,
    tokens,
    watchlists,
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
    *tokens.ENDPOINTS,
)
"""Everything that can be asked for."""
