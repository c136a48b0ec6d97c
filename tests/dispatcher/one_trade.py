"""What each kind of channel shows of a trade, to be read: ``python -m tests.dispatcher.one_trade`` prints it.

`one_trade.txt` beside this file holds it as it stands; a test compares.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from consumers.dispatcher.channels import CHANNELS, load
from consumers.dispatcher.post import Parcel
from consumers.dispatcher.seen import How, seen
from service.wire import encode
from tests.dispatcher.kinds import KINDS
from tests.kit.trades import a_trade

SNAPSHOT = Path(__file__).with_name("one_trade.txt")

_AT = datetime(2025, 3, 5, 15, tzinfo=UTC)
_MARKS = {How.HEADLINE: "# ", How.HEADING: "## ", How.LINK: "-> "}


def lines() -> Iterator[str]:
    """Of each kind: three filings that wait together, and the third where the trade was told before."""
    first, second, third = a_trade()
    for name in CHANNELS:
        channel = load({"desk": KINDS[name].section})["desk"]
        if channel.together is not None:
            together = channel.together((first, second, third), _AT)
            yield from ("", f"==== {name}: three filings in one message", *_shown(together))
        if name != "webhook":  # whose body is the alert
            alone = channel.request(third, encode(third), _AT)
            yield from ("", f"==== {name}: the third, later", *_shown(alone))


def _shown(parcel: Parcel) -> Iterator[str]:
    return (f"{_MARKS.get(part.how, '')}{part.text.rstrip()}" for part in seen(parcel))


if __name__ == "__main__":
    print("\n".join(lines()).lstrip("\n"))
