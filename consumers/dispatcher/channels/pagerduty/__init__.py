"""PagerDuty, by its Events API v2."""

from consumers.dispatcher.channels.pagerduty.channel import PagerDuty
from consumers.dispatcher.channels.pagerduty.section import PagerDutySection

__all__ = ["PagerDuty", "PagerDutySection"]
