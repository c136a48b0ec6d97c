"""What is delivered: to each channel that is owed it, once."""

from enum import StrEnum

from msgspec import Struct

from service.model.filing import Accession
from service.model.identity import Revision, RuleId, WorkspaceId


class MessageKind(StrEnum):
    """What a message is; it says how its value is read."""

    ALERT = "alert"  # an Alert: one rule met by one filing
    DIGEST = "digest"  # a Notice that tells alerts together
    NOTICE = "notice"  # a Notice of how the service fares
    TEST = "test"  # an Alert that nothing was filed for: to try a channel


class Message(Struct, frozen=True, kw_only=True):
    """A message as it is kept."""

    id: str  # an alert's is that of its event on form4.alerts
    kind: MessageKind
    workspace: WorkspaceId  # whose it is: only its channels are told
    value: bytes  # as JSON
    accession: Accession | None = None  # of an alert, as is what follows; None: the message is not an alert
    trade: Accession | None = None  # the filing that told of its trade before; None: none did
    rule_id: RuleId | None = None
    rule_revision: Revision | None = None
    rule: str | None = None  # the rule's name then
    urgent: bool = False  # it goes before others, and at any hour
