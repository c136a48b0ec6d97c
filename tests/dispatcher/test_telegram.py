"""What Telegram answers in its own way."""

from datetime import timedelta

import pytest

from consumers.dispatcher.channels import load
from tests.dispatcher.kinds import KINDS, answered


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ('{"ok":false,"parameters":{"retry_after":7}}', timedelta(seconds=7)),
        ('{"ok":false,"parameters":{"retry_after":99999999}}', timedelta(days=1)),
        ('{"ok":false,"parameters":{"retry_after":-1}}', None),
        ('{"ok":false,"parameters":[]}', None),
        ("[]", None),
        ("", None),
    ],
)
def test_it_is_waited_for_as_long_as_the_answer_itself_says(said: str, wait: timedelta | None) -> None:
    """A day at most; what means no time is nothing."""
    outcome = load({"group": KINDS["telegram"].section})["group"].judge(answered(429, said))

    assert wait == outcome.retry_after
