"""The API, resource by resource; what can be asked for stands in one table."""

from service.web.api import me, tokens
from service.web.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (*me.ENDPOINTS, *tokens.ENDPOINTS)
"""Everything that can be asked for."""
