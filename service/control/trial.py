"""A sample through a channel: a message like any other, sent by the sender's own hand, and recorded."""

import random

from msgspec.structs import replace

from consumers.dispatcher.channelbook import Addressee
from consumers.dispatcher.flight import Means, fly
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.schedule import RetrySchedule
from service.clock import Clock
from service.model.alert import Alert
from service.model.circuit import Circuits
from service.model.delivery import Obligation
from service.model.message import Message, MessageKind
from service.store import Database, attempts, channels, claims, deliveries, ledger, messages
from service.store.attempts import Attempt
from service.store.channels import ChannelState
from service.store.claims import CLAIM, DueDelivery, Owed
from service.store.group_commit import GroupCommit
from service.store.ledger import Chosen
from service.vitals import Unwatched
from service.wire import encode

_LOOK = 0.1  # seconds between looks at a channel that takes one request at a time, and has one


async def try_out(
    database: Database, addressee: Addressee, sample: Alert, guard: Guard, clock: Clock, chance: random.Random
) -> Attempt:
    """Send *sample* to *addressee* now, once; returns what came of it, which the database keeps as well.

    It keeps the channel's pace, and waits for nothing else: neither for what is owed before it, nor for quiet hours, a
    pause or a channel that is disabled. What that channel answers counts as for any other message: a success ends an
    outage. A sample that was not taken is acknowledged, since whoever asks sees it.
    """
    message = Message(
        id=sample.id,
        kind=MessageKind.TEST,
        workspace=addressee.workspace,
        value=encode(sample),
        rule=sample.rule,
    )
    while (claimed := await _claimed(database, addressee, message, clock)) is None:
        await clock.sleep(_LOOK)
    means = Means(
        guard=guard,
        database=database,
        attempts=GroupCommit(database, attempts.record, urgent=True),
        schedule=RetrySchedule(),
        clock=clock.now,
        chance=chance,
        vitals=Unwatched(),
        circuits=Circuits(),
    )
    owed, state = claimed
    attempt = await fly((owed,), addressee, state, means)
    assert attempt is not None  # it was claimed a moment ago
    async with database.transaction() as tx:
        await ledger.acknowledge(tx, Chosen(ids=(sample.id,)), clock.now())
    return attempt


async def _claimed(
    database: Database, addressee: Addressee, message: Message, clock: Clock
) -> tuple[Owed, ChannelState] | None:
    """*message* owed and claimed for this process, and how it stands with the channel; None: that has a request now."""
    now, channel, pace = clock.now(), addressee.id, addressee.channel.interval
    async with database.transaction(urgent=True) as tx:
        await deliveries.know(tx, [channel])
        state = (await channels.locked(tx, [channel]))[channel]
        at_its_pace = replace(state, paused_until=None, disabled_since=None, opened=None)
        if pace and at_its_pace.free(now, pace, CLAIM, pace) > now:
            return None
        await messages.keep(tx, [message], now)
        await deliveries.keep(tx, [(message.id, Obligation(channel=channel, due=now, held=now))], now)
        if pace:
            await claims.take_channels(tx, [channel], now + CLAIM)
        waiting = DueDelivery(
            message=message.id,
            channel=channel,
            workspace=message.workspace,
            kind=message.kind,
            accession=None,
            created=now,
            due=now,
            planned=None,
            tries=0,
            steps=0,
            reason=None,
            held=now,
        )
        owed = await claims.take(tx, [waiting], now + CLAIM)
    return owed[channel, message.id], state
