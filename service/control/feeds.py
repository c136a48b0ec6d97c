"""The feeds of a process: each thing is read once, whoever follows it."""

from service.control.feed import Feed, TopicOrigin
from service.control.handled import Handled
from service.control.tape_feed import TapeEvent, TapeOrigin
from service.store import Database
from service.wire.topics import Record, Topic


class Feeds:
    """What can be followed in *database*."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._handled = Handled(database)
        self._topics: dict[Topic, Feed[Record]] = {}
        self._tape: Feed[TapeEvent] | None = None

    def topic(self, topic: Topic) -> Feed[Record]:
        """The events of *topic*."""
        if topic not in self._topics:
            self._topics[topic] = Feed(self._database, TopicOrigin(self._database, topic, self._handled))
        return self._topics[topic]

    def alerts(self) -> Feed[Record]:
        """Alerts, of every workspace."""
        return self.topic(Topic.ALERTS)

    def tape(self) -> Feed[TapeEvent]:
        """Filings as they come, and again as they ring."""
        if self._tape is None:
            self._tape = Feed(self._database, TapeOrigin(self._database, self._handled))
        return self._tape

    def wake(self) -> None:
        """Let everybody who follows something look again."""
        for feed in self._topics.values():
            feed.wake()
        if self._tape is not None:
            self._tape.wake()
