"""Every kind of channel, as its service has it: a new one is a module here, and a line in the table."""

from collections.abc import Mapping

from tests.dispatcher.kinds.apprise import APPRISE
from tests.dispatcher.kinds.discord import DISCORD
from tests.dispatcher.kinds.email import EMAIL
from tests.dispatcher.kinds.kind import NIGHT, Kind, answered
from tests.dispatcher.kinds.ntfy import NTFY
from tests.dispatcher.kinds.pagerduty import PAGERDUTY
from tests.dispatcher.kinds.slack import SLACK
from tests.dispatcher.kinds.slack_bot import SLACK_BOT
from tests.dispatcher.kinds.teams import TEAMS
from tests.dispatcher.kinds.telegram import TELEGRAM
from tests.dispatcher.kinds.webhook import WEBHOOK

KINDS: Mapping[str, Kind] = {
    "slack": SLACK,
    "slack_bot": SLACK_BOT,
    "discord": DISCORD,
    "teams": TEAMS,
    "telegram": TELEGRAM,
    "pagerduty": PAGERDUTY,
    "email": EMAIL,
    "ntfy": NTFY,
    "apprise": APPRISE,
    "webhook": WEBHOOK,
}

__all__ = ["KINDS", "NIGHT", "answered"]
