"""Days, as they are named in a call: those of New York."""

from datetime import date

from service.clock import now
from service.model import calendar
from service.model.errors import ConfigError


def refuse_unknown(day: date, named: str) -> None:
    """Raises ConfigError where EDGAR can know nothing of *day*, which was given as *named*."""
    today = calendar.eastern_day(now())
    if day > today:
        raise ConfigError(f"{named} has not come yet (it is {today} in New York)")
    if day < calendar.FIRST:
        raise ConfigError(f"the SEC has ownership forms as XML from {calendar.FIRST} on; {named} is before that")
