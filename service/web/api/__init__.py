"""The API, resource by resource; what can be asked for stands in one table."""

from service.web.api import channels, me, rules, tokens, watchlists
from service.web.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *me.ENDPOINTS,
    *rules.ENDPOINTS,
    *watchlists.ENDPOINTS,
    *channels.ENDPOINTS,
    *tokens.ENDPOINTS,
)
"""Everything that can be asked for."""
