"""What the examples read: a morning on EDGAR, published by the service itself."""

from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from service.log.broker import Broker
from service.log.kafka import KafkaLog
from service.lookalike import archive
from service.lookalike.archive import FolderArchive
from service.lookalike.server import LookAlike
from service.model.calendar import EASTERN
from service.store import events
from service.store.database import open_database
from service.vitals import Unwatched
from service.wire.topics import Record, Topic
from tests.kit.eventually import eventually
from tests.kit.places import SAMPLES
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver

_AT_ONCE = 1e9  # the morning's speed


async def publish(address: str, home: Path) -> list[Record]:
    """Run the service on the bundled filings and Kafka at *address*; returns the alerts that it has published."""
    listings = archive.load(SAMPLES)
    wanted = sum(listing.form in ("4", "4/A") for listing in listings)
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(Receiver())
        edgar = await stack.enter_async_context(LookAlike(FolderArchive(listings, datetime.now(EASTERN), _AT_ONCE)))
        rules = (SAMPLES.parent / "demo.yaml").read_text()
        for name, value in (("SINK", receiver.url), ("SECRET", SECRET)):
            rules = rules.replace(f"${{FILINGBELL_DEMO_{name}}}", value)
        config = home / "filingbell.yaml"
        config.write_text(rules)
        service = Service(
            home,
            config,
            kafka=address,
            sec_contact="Tests tests@example.com",
            sec_url=edgar.url,
            sec_rate="1000",
            poll_seconds="0.2",
        )
        await service.start("--since", datetime.now(EASTERN).date().isoformat())
        stack.push_async_callback(service.stop)

        async def relaying() -> bool:
            return '"relaying"' in service.log()

        await eventually(relaying)
        database = await open_database(f"sqlite:///{home}/filingbell.db", create=False)
        stack.push_async_callback(database.close)
        log = KafkaLog(Broker(bootstrap=address), database, Unwatched())
        stack.push_async_callback(log.close)

        async def through() -> bool:
            made = await events.counts(database)
            if made.get(Topic.FILINGS) != wanted or any((await log.lag()).values()):
                return False
            on_kafka = {topic: [one async for one in log.tail(topic, None, follow=False)] for topic in Topic}
            return made == {topic: len(records) for topic, records in on_kafka.items() if records}

        await eventually(through)
        return [record async for record in log.tail(Topic.ALERTS, None, follow=False)]
