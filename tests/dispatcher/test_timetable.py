"""The times of a channel's digests: written, said in words, and by the clocks of a place, whatever becomes of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.dispatcher.channels import load
from consumers.dispatcher.timetable import LONGEST, Timetable, timed
from service.cli.check import check
from service.model.delivery import Decision, Obligation, Suppressed, Suppression
from service.model.errors import ConfigError
from service.model.identity import ChannelId

DESK = ChannelId("desk")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("16:30 weekdays", "16:30 Eastern on weekdays"),
        ("16:30, 9:05 Mon,thu Europe/London", "09:05 and 16:30 Europe/London on mondays and thursdays"),
        ("8:00 daily America/New_York", "08:00 Eastern every day"),
        (" 12:00 weekends UTC ", "12:00 UTC on weekends"),
        ("12:00 mon,tue,wed,thu,fri", "12:00 Eastern on weekdays"),
    ],
)
def test_times_are_read_and_said(written: str, said: str) -> None:
    """Without a place, they are New York's, as every time that a person reads."""
    assert said == str(Timetable.parse(written))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("16:30", "a digest is written as in 16:30 weekdays"),
        ("weekdays 16:30", "a digest is written as in"),
        (990, "a digest is written as in"),  # what YAML makes of 16:30 alone
        ("25:00 daily", "25:00 is not a time of the day"),
        ("16:30 weekday", "did you mean weekdays?"),
        ("16:30 mo", "there are no days mo; write daily, weekdays, weekends, or days such as mon, thu"),
        ("16:30 daily EST", "EST is not a place"),
        ("16:30 daily America/New_Yrok", "did you mean America/New_York?"),
        (None, "nothing stands here"),
    ],
)
def test_what_says_no_times_is_refused(written: Any, told: str) -> None:
    """With how to write it."""
    with pytest.raises(ConfigError, match="cannot be used") as raised:
        load({"desk": {"type": "slack", "url": "https://hooks.slack.com/x", "digest": written}})

    (fault,) = raised.value.faults
    assert (("channels", "desk", "digest"), True) == (fault.path, told in fault.message)


def test_empty_digests_need_a_digest() -> None:
    """It would be a setting without effect."""
    with pytest.raises(ConfigError) as raised:
        load({"desk": {"type": "slack", "url": "https://hooks.slack.com/x", "digest_when_empty": True}})

    assert ["there is no digest: write digest, or take this away"] == [one.message for one in raised.value.faults]


def watched(timetable: Timetable, start: datetime, until: datetime) -> Iterator[datetime]:
    """When somebody who looks at the clock minute by minute sees one of the times, or that it was skipped."""
    seen: set[tuple[date, time]] = set()
    one = start
    while one < until:
        before, now = ((at.astimezone(timetable.zone)).replace(tzinfo=None) for at in (one - MINUTE, one))
        days = {now.date(), before.date()}
        due = [
            (day, clock)
            for day in days
            for clock in timetable.times
            if day.weekday() in timetable.days and before < datetime.combine(day, clock) <= now
        ]
        new = [each for each in due if each not in seen]
        seen.update(new)
        if new:
            yield one
        one += MINUTE


@pytest.mark.parametrize("written", ["16:30 daily", "1:30, 2:30 daily", "2:00, 3:00 sun", "00:00, 23:59 sat, sun"])
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe"])
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 29), date(2026, 10, 25)])
def test_every_time_comes_once_also_when_clocks_change(written: str, zone: str, day: date) -> None:
    """A time that the clocks show twice is the first of the two; one that they skip comes when they do."""
    timetable = Timetable.parse(f"{written} {zone}")
    start = datetime.combine(day - timedelta(days=1), time(12), timetable.zone).astimezone(UTC)
    until = start + timedelta(days=2)
    found, at = [], start - MINUTE
    while (at := timetable.after(at)) < until:
        found.append(at)

    assert list(watched(timetable, start, until)) == found


def test_the_next_is_never_further_away_than_a_week_and_a_night() -> None:
    """What is further away was set by a clock that was set back since."""
    weekly = Timetable.parse("2:30 sun")
    hours = (datetime(2026, 2, 1, tzinfo=UTC) + number * timedelta(hours=7) for number in range(1300))

    assert all(timedelta() < weekly.after(one) - one < LONGEST for one in hours)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (
            Obligation(channel=DESK, due=datetime(2026, 11, 27, 14, tzinfo=UTC)),
            datetime(2026, 11, 27, 21, 30, tzinfo=UTC),
        ),
        (
            Obligation(
                channel=DESK,
                due=datetime(2026, 11, 27, 21, 30, tzinfo=UTC),
                held=datetime(2026, 11, 28, 12, tzinfo=UTC),
            ),
            datetime(2026, 11, 30, 21, 30, tzinfo=UTC),
        ),
        (Suppressed(channel=DESK, reason=Suppression.HISTORY), None),
    ],
)
def test_what_is_owed_joins_the_next_digest(decision: Decision, told: datetime | None) -> None:
    """Behind the moment in which it is owed: at 16:30 itself, the one of the next weekday."""
    found = timed(decision, Timetable.parse("16:30 weekdays"))

    assert decision == timed(decision, None)
    assert (found.joins if isinstance(found, Obligation) else None) == told
    assert not isinstance(found, Obligation) or found.held is None


def test_check_says_the_times_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that nobody has to wait for the first digest to find out what was meant."""
    file = tmp_path / "filingbell.yaml"
    file.write_text(
        'channels: {desk: {type: slack, url: "https://hooks.slack.com/x", digest: 16:30 weekdays}}\n'
        "rules: {all: {channels: desk}}\n"
    )
    check(file)

    assert "a digest at 16:30 Eastern on weekdays" in capsys.readouterr().out
