"""Somebody who looks at a demonstration: let in by a link, for as long as the process lives."""

import hmac
from dataclasses import dataclass

from service.model.person import Person


@dataclass(slots=True, kw_only=True)
class Guest:
    """Who comes by the link with the *secret*, as often as it is followed."""

    person: Person
    secret: str
    came: bool = False

    def shows(self, given: str) -> bool:
        """Whether *given* is the secret."""
        return hmac.compare_digest(given.encode(), self.secret.encode())
