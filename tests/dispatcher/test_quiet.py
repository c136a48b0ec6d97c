"""Quiet hours: what comes in them is held until they end, by the clocks of the place, and nothing of it is lost."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from consumers.dispatcher.channels import load
from consumers.dispatcher.quiet import LONGEST, QuietHours, hours_of, quiet
from service.cli.check import check
from service.model.delivery import Obligation, Suppressed, Suppression
from service.model.errors import ConfigError
from service.model.identity import DEFAULT, ChannelId
from service.model.resource import Resource, ResourceKind

NIGHT = "22:00-07:00 America/New_York"
HOUR = timedelta(hours=1)
DESK = ChannelId("desk")

FORWARD, BACK = date(2026, 3, 8), date(2026, 11, 1)  # New York's clocks skip 2:00 to 3:00; they show 1:00 to 2:00 twice


def at(text: str, zone: str = "America/New_York", *, fold: int = 0) -> datetime:
    """That clock time there; *fold* 1: where the clocks show it twice, the second time."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)


def hours_from(day: date, zone: str) -> Iterator[datetime]:
    """Each hour of the clock from noon before *day* for two days, as instants."""
    start = datetime.combine(day - timedelta(days=1), time(12), ZoneInfo(zone)).astimezone(UTC)
    return (start + number * HOUR for number in range(48))


def walked(hours: QuietHours, instant: datetime) -> datetime | None:
    """When the hours end, found by looking at the clock minute by minute; None: the clock shows no quiet hour."""

    def is_quiet(one: datetime) -> bool:
        clock = one.astimezone(hours.zone).time()
        if hours.start < hours.end:
            return hours.start <= clock < hours.end
        return clock >= hours.start or clock < hours.end

    if not is_quiet(instant):
        return None
    while is_quiet(instant):
        instant += timedelta(minutes=1)
    return instant


@pytest.mark.parametrize("written", [NIGHT, "21:30-06:15 Europe/London", "23:45-00:15 Asia/Tokyo", "12:00-13:00 UTC"])
@pytest.mark.parametrize("day", [FORWARD, BACK, date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)])
def test_every_hour_of_the_days_on_which_clocks_change(written: str, day: date) -> None:
    """Both changes in New York and London, and a day without one: as if somebody had watched the clock."""
    hours = QuietHours.parse(written)
    for instant in hours_from(day, hours.zone.key):
        assert walked(hours, instant) == hours.until(instant), instant.astimezone(hours.zone)


@pytest.mark.parametrize(
    ("written", "instant", "until"),
    [
        (NIGHT, at("2026-03-07T21:59"), None),
        (NIGHT, at("2026-03-07T22:00"), at("2026-03-08T07:00")),  # eight hours, since one is skipped
        (NIGHT, at("2026-03-08T01:59"), at("2026-03-08T07:00")),
        (NIGHT, at("2026-03-08T03:00"), at("2026-03-08T07:00")),
        (NIGHT, at("2026-03-08T07:00"), None),
        (NIGHT, at("2026-10-31T22:00"), at("2026-11-01T07:00")),  # ten
        (NIGHT, at("2026-11-01T01:30"), at("2026-11-01T07:00")),
        (NIGHT, at("2026-11-01T01:30", fold=1), at("2026-11-01T07:00")),
        ("22:00-02:30 America/New_York", at("2026-03-08T01:00"), at("2026-03-08T03:00")),  # 2:30 is skipped
        ("02:15-02:45 America/New_York", at("2026-03-08T03:00"), None),  # both are
        ("02:30-05:00 America/New_York", at("2026-03-08T03:00"), at("2026-03-08T05:00")),
        ("22:00-01:30 America/New_York", at("2026-11-01T01:45"), at("2026-11-01T01:30", fold=1)),  # until the last 1:30
        ("22:00-01:30 America/New_York", at("2026-11-01T01:30", fold=1), None),
        ("01:30-05:00 America/New_York", at("2026-11-01T01:29"), None),
        (
            "01:30-05:00 America/New_York",
            at("2026-11-01T01:10", fold=1),
            at("2026-11-01T05:00"),
        ),  # since the first 1:30
        ("07:01-07:00 America/New_York", at("2026-10-31T07:01"), at("2026-11-01T07:00")),
        (
            "22:00-01:45 Australia/Lord_Howe",  # set back by half an hour at 2:00
            at("2026-04-04T23:00", "Australia/Lord_Howe"),
            at("2026-04-05T01:45", "Australia/Lord_Howe", fold=1),
        ),
    ],
)
def test_what_the_clocks_show_decides(written: str, instant: datetime, until: datetime | None) -> None:
    """Also where they skip the time or show it twice."""
    assert (until and until.astimezone(UTC)) == QuietHours.parse(written).until(instant.astimezone(UTC))


def test_nothing_is_held_for_longer_than_the_longest_hours() -> None:
    """The sender takes what is due later than that for the work of a clock that was wrong."""
    hours = QuietHours.parse("07:01-07:00 America/New_York")
    for day in (FORWARD, BACK):
        for instant in hours_from(day, "America/New_York"):
            assert (hours.until(instant) or instant) - instant < LONGEST


def test_the_decision_names_when_the_hours_end() -> None:
    """One that is told nothing anyway stays as it is, and so does one outside the hours."""
    hours, day, night = QuietHours.parse(NIGHT), at("2026-11-25T12:00"), at("2026-11-25T23:00")
    ends = at("2026-11-26T07:00").astimezone(UTC)
    removed = Suppressed(channel=DESK, reason=Suppression.REMOVED)

    assert Obligation(channel=DESK, due=night, held=ends) == quiet(Obligation(channel=DESK, due=night), hours)
    assert Obligation(channel=DESK, due=day) == quiet(Obligation(channel=DESK, due=day), hours)
    assert Obligation(channel=DESK, due=night) == quiet(Obligation(channel=DESK, due=night), None)
    assert removed == quiet(removed, hours)


@pytest.mark.parametrize(
    ("section", "hours"),
    [
        ({}, None),
        ({"quiet": NIGHT}, QuietHours(time(22), time(7), ZoneInfo("America/New_York"))),
        ({"quiet": "of another version"}, None),
    ],
)
def test_the_hours_stand_on_the_channel(section: dict[str, str], hours: QuietHours | None) -> None:
    """As its section says."""
    made = datetime(2026, 1, 1, tzinfo=UTC)
    channel = Resource(
        id="desk", kind=ResourceKind.CHANNEL, workspace=DEFAULT, name="desk", section=section, created=made
    )

    assert hours == hours_of(channel)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("22-7", "quiet hours are written as in 22:00-07:00 America/New_York"),
        ("10pm-7am America/New_York", "quiet hours are written as in 22:00-07:00 America/New_York"),
        (2200, "quiet hours are written as in 22:00-07:00 America/New_York"),
        (["22:00-07:00 UTC"], "quiet hours are written as in 22:00-07:00 America/New_York"),
        (None, "nothing stands here; write it, or take this away"),
        ("22:00-07:00", "the time zone is missing, as in 22:00-07:00 America/New_York"),
        ("24:00-07:00 UTC", "24:00 is not a time of the day; they go from 00:00 to 23:59"),
        ("22:60-07:00 UTC", "22:60 is not a time of the day; they go from 00:00 to 23:59"),
        (
            "07:00-07:00 UTC",
            "quiet hours end at another time than they begin; to be told nothing, disable the channel",
        ),
        (
            "22:00-07:00 EST",
            "EST is not a place whose clocks are meant; write one such as America/New_York, or UTC",
        ),
        ("22:00-07:00 America/NewYork", "there is no time zone America/NewYork; did you mean America/New_York?"),
        (
            "22:00-07:00 Atlantis/Capital",
            "there is no time zone Atlantis/Capital; write one such as America/New_York, or UTC",
        ),
        (
            "22:00-07:00 ../../etc/passwd",
            "there is no time zone ../../etc/passwd; write one such as America/New_York, or UTC",
        ),
    ],
)
def test_hours_that_cannot_be_read_are_refused_with_what_to_write(written: object, told: str) -> None:
    """At their place in the file."""
    with pytest.raises(ConfigError) as refused:
        load({"desk": {"type": "slack", "url": "https://hooks.slack.com/services/T/B/X", "quiet": written}})

    assert [(("channels", "desk", "quiet"), told)] == [(one.path, one.message) for one in refused.value.faults]


def test_check_says_when_a_channel_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And that outages of filingbell itself are not told then."""
    config = tmp_path / "filingbell.yaml"
    config.write_text(
        f'channels: {{desk: {{type: slack, url: "https://hooks.slack.com/services/T/B/X", quiet: "{NIGHT}"}}}}\n'
        "operations: {channels: desk}\n"
        "rules: {all: {channels: desk}}\n"
    )
    check(config)
    told = " ".join(capsys.readouterr().out.split())

    assert "desk quiet 22:00 to 07:00, America/New_York" in told
    assert "not in its quiet hours (22:00 to 07:00, America/New_York)" in told
