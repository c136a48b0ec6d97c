"""A webhook, as the suite over every kind of channel must know it."""

from standardwebhooks import Webhook

from consumers.dispatcher.post import Request
from service.model.delivery import DeliveryState, Reason
from tests.dispatcher.kinds.kind import TIMES, WRONG_TIMES, Kind, answered
from tests.kit.receiver import SECRET


def _taken(request: Request) -> None:
    content = Webhook(SECRET).verify(request.body, dict(request.headers))
    assert request.headers["webhook-id"] == content["id"]
    assert request.headers["Content-Type"] == "application/json"


WEBHOOK = Kind(
    section={"type": "webhook", "url": "https://alerts.example/in/canary-path-0123", "secrets": [SECRET]},
    more={**TIMES},
    wrong={"type": "web-hook", "url": "ftp://alerts.example/", "secrets": ["whsec_short"], "quiet": 22, **WRONG_TIMES},
    secret=("canary-path-0123", SECRET.removeprefix("whsec_")),
    final={"410": answered(410)},
    words=(
        (answered(200, "no_service"), DeliveryState.DELIVERED, Reason.RECEIVED),
        (answered(404, "no_service"), DeliveryState.PENDING, Reason.CLIENT_ERROR),
    ),
    taken=_taken,
    whole=True,
)
