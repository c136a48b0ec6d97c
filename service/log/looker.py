"""Looks at a Kafka cluster without joining anything; and what every client of Kafka here shares."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Protocol

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    KafkaError,
    ProducerFenced,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedSaslMechanismError,
)

from service.log.broker import Broker
from service.model.errors import ConfigError, Superseded, Unavailable

POLL = 500  # milliseconds

_STOP = 5.0  # seconds to end in order
_LOOKS, _PAUSE = 300, 0.1  # for a coordinator: times, and seconds between them
_REFUSED = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnsupportedSaslMechanismError,
)

log = structlog.get_logger()


@contextmanager
def translated() -> Iterator[None]:
    """Turns Kafka's errors into Unavailable where waiting may help, ConfigError where it refuses us."""
    try:
        yield
    except ProducerFenced as error:
        raise Superseded("another relay publishes now") from error
    except _REFUSED as error:
        raise ConfigError(f"FILINGBELL_KAFKA: Kafka refuses: {error}") from error
    except (KafkaError, OSError) as error:
        raise Unavailable(f"Kafka: {error or type(error).__name__}") from error


@contextmanager
def reached(broker: Broker) -> Iterator[None]:
    """As `translated`, where *broker* is asked for the first time: what it raises says where that was."""
    try:
        with translated():
            yield
    except Unavailable as error:
        raise Unavailable(
            f"Kafka cannot be reached at {broker.bootstrap} (FILINGBELL_KAFKA): no broker answers as it should. Does "
            f"one run there, and does it speak {broker.security_protocol} (FILINGBELL_KAFKA_SECURITY_PROTOCOL)?"
        ) from error


class Client(Protocol):
    """What consumers and producers have in common."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Leave in order."""
        ...


@asynccontextmanager
async def started(client: Client, within: float = 30.0) -> AsyncIterator[None]:
    """*client*, started, and stopped in the end come what may; raises Unavailable, or ConfigError."""
    try:
        with translated():
            async with asyncio.timeout(within):
                await client.start()
        yield
    except TimeoutError as error:
        raise Unavailable("Kafka: no answer in time") from error
    finally:
        try:
            async with asyncio.timeout(_STOP):
                await client.stop()
        except (TimeoutError, KafkaError, OSError) as error:  # the cluster misses it soon enough
            log.debug("kafka_client_not_stopped", detail=str(error))


def new_consumer(broker: Broker, group: str | None = None, isolation: str = "read_committed") -> AIOKafkaConsumer:
    """A consumer that commits nothing by itself, and unless told otherwise sees committed records only."""
    return AIOKafkaConsumer(
        **broker.client(),
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level=isolation,
        max_partition_fetch_bytes=max(1024 * 1024, broker.max_bytes),
    )


@asynccontextmanager
async def looking(broker: Broker) -> AsyncIterator["Looker"]:
    """A look at *broker* while the context is open. Raises Unavailable."""
    async with AsyncExitStack() as stack:
        admin = AIOKafkaAdminClient(**broker.client())
        stack.push_async_callback(admin.close)
        with reached(broker):
            await admin.start()
        clients = new_consumer(broker), new_consumer(broker, isolation="read_uncommitted")
        for client in clients:
            await stack.enter_async_context(started(client))
        yield Looker(admin, *clients)


async def coordinated(admin: AIOKafkaAdminClient, group: str) -> None:
    """Return once a broker coordinates *group*: a new cluster makes the topic for that when it is first asked.

    aiokafka's own consumers ask again as well, but log an error each time. Raises Unavailable if it takes too long.
    """
    for _ in range(_LOOKS):
        with translated(), suppress(GroupCoordinatorNotAvailableError):
            await admin.find_coordinator(group)
            return
        await asyncio.sleep(_PAUSE)
    raise Unavailable(f"Kafka: no broker coordinates the group {group}")


class Looker:
    """Answers questions about a cluster. Every method raises Unavailable."""

    def __init__(
        self,
        admin: AIOKafkaAdminClient,
        committed: AIOKafkaConsumer,
        everything: AIOKafkaConsumer,
    ) -> None:
        self._admin = admin
        self._consumer = committed
        self._all = everything

    async def cluster(self) -> str:
        """The cluster's id."""
        with translated():
            return str((await self._admin.describe_cluster())["cluster_id"])

    async def coordinated(self, group: str) -> None:
        """Return once a broker coordinates *group*."""
        await coordinated(self._admin, group)

    async def absent(self, topics: Collection[str]) -> list[str]:
        """Those of *topics* that are not there."""
        with translated():
            return sorted(set(topics) - set(await self._admin.list_topics()))

    async def partitions(self, topics: Collection[str]) -> list[TopicPartition]:
        """Every partition of *topics*."""
        if absent := await self.absent(topics):
            raise Unavailable(f"Kafka has no topic {', '.join(absent)}: `filingbell topics create` makes them")
        with translated():
            described = await self._admin.describe_topics(list(topics))
        return sorted(
            TopicPartition(one["topic"], part["partition"]) for one in described for part in one["partitions"]
        )

    async def ends(self, places: Sequence[TopicPartition], *, committed: bool = True) -> dict[TopicPartition, int]:
        """Behind the last committed record of each of *places*; not *committed*: behind the last that was written."""
        with translated():
            found: dict[TopicPartition, int] = await (self._consumer if committed else self._all).end_offsets(places)
            return found

    async def latest(
        self, places: Sequence[TopicPartition], enough: Callable[[list[ConsumerRecord]], bool]
    ) -> list[list[ConsumerRecord]]:
        """The last records of each of *places*, by offset: as many as it takes until they are *enough*, or all it has.

        Not every offset is a record (the end of a transaction takes one, and aborted records are skipped), so
        each partition is read from further and further back.
        """
        with translated():
            ends = await self._consumer.end_offsets(places)
            starts = await self._consumer.beginning_offsets(places)
        found: dict[TopicPartition, list[ConsumerRecord]] = {place: [] for place in places}
        wanted, back = [place for place in places if ends[place] > starts[place]], 20
        while wanted:
            found |= {place: [] for place in wanted}
            upto = {place: ends[place] for place in wanted}
            begin = {place: max(starts[place], ends[place] - back) for place in wanted}
            async for record in self.read(begin, upto):
                found[TopicPartition(record.topic, record.partition)].append(record)
            wanted = [place for place in wanted if ends[place] - back > starts[place] and not enough(found[place])]
            back *= 4
        return [found[place] for place in places]

    async def read(
        self, begin: dict[TopicPartition, int], upto: dict[TopicPartition, int] | None
    ) -> AsyncIterator[ConsumerRecord]:
        """The records from *begin* to before *upto*; None: without end."""
        with translated():
            self._consumer.assign(list(begin))
            for place, offset in begin.items():
                self._consumer.seek(place, offset)
            while upto is None or await self._behind(upto):
                fetched = await self._consumer.getmany(timeout_ms=POLL, max_records=500)
                for place, records in fetched.items():
                    for record in records:
                        if upto is None or record.offset < upto[place]:
                            yield record

    async def _behind(self, upto: dict[TopicPartition, int]) -> bool:
        for place, end in upto.items():
            if await self._consumer.position(place) < end:
                return True
        return False
