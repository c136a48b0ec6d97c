"""Everything that can be wrong is shown alike by all who show it, and is over when it is over."""

import asyncio
import re
from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, literal, select, update

from service.control.status import status
from service.log.table import TableLog
from service.model.identity import DEFAULT
from service.model.notice import NoticeKind
from service.settings import Settings
from service.store import Database, notices, workspaces
from service.store.schema import channel_states, resources
from service.vitals import Unwatched
from service.watch import look as look_module
from service.watch.checks import CHECKS, conditions
from service.watch.look import Look
from service.wire.topics import Topic
from tests.kit.given_up import FIRST, owe
from tests.kit.places import DOCS
from tests.watch.stories import NIGHT, STORIES, StatedLog, World, behind, given_up


@pytest.mark.parametrize("kind", CHECKS)
async def test_what_is_wrong_is_shown_alike_until_it_is_over(kind: NoticeKind, either: Database) -> None:
    """By the conditions, `status`, the metrics and the notices, each of them and nothing else."""
    world = World(either)
    await STORIES[kind].begins(world)
    during = await world.shown()
    await STORIES[kind].ends(world)

    assert [{kind}] * 4 == during
    assert [set()] * 4 == await world.shown()


def test_every_kind_has_a_check_a_row_in_the_docs_and_a_label() -> None:
    """What is forgotten fails; and a notice of each kind can be told apart by whoever gets it."""
    page = (DOCS / "notices.md").read_text()
    standing = set(NoticeKind) - {NoticeKind.DIGEST}

    assert standing == set(CHECKS) == set(STORIES)
    assert [] == [kind for kind in standing if f"\n| `{kind}` | " not in page]
    assert [] == [kind for kind in standing if not re.fullmatch(r"[a-z]+(-[a-z]+)*", kind)]


async def test_a_restart_is_no_news(either: Database) -> None:
    """What waits a while before it is told is shown at once by whoever asks."""
    world = World(either)
    await world.watched(NIGHT)
    world.process = replace(world.process, id="q", roles=("dispatcher",))
    await world.watched(NIGHT + timedelta(seconds=30))
    shown = await conditions(world.look())

    assert {"poller", "parser", "matcher"} == {one.subject for one in shown}
    assert [] == await notices.standing(either)


async def test_a_lag_that_nobody_can_tell_goes_on(database: Database) -> None:
    """Nobody is told that a stage has caught up because Kafka went away."""
    world = World(database)
    await behind(world)
    world.log.away = True
    await world.watched(NIGHT + timedelta(minutes=7), later=timedelta(minutes=3))

    assert [{NoticeKind.LAG, NoticeKind.UNREACHABLE}] * 4 == await world.shown()


async def test_a_kafka_that_hangs_hides_nothing_that_the_database_knows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scrape has ten seconds, and a person less patience."""

    class Hanging(TableLog):
        """A log whose server takes the connection and says nothing."""

        async def lag(self) -> dict[tuple[str, Topic], int]:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(look_module, "_PATIENCE", 0.01)
    await given_up(World(database))
    settings = Settings(kafka="kafka:9092")
    found = await conditions(Look(database, Hanging(database, Unwatched()), settings, NIGHT, lambda: None))

    assert {NoticeKind.DEAD, NoticeKind.UNREACHABLE} <= {one.kind for one in found}
    assert [] == [one.headline for one in found if one.kind is NoticeKind.LAG]


async def test_status_knows_what_only_the_watch_can_see(database: Database) -> None:
    """That a lag does not come down takes minutes to see; another process has it from the database."""
    world = World(database)
    await behind(world)
    other = StatedLog(database, Unwatched())
    other.behind = 60
    ((one),) = await conditions(Look(database, other, Settings(), world.clock.now(), lambda: None))

    assert "parser is 60 records behind and does not catch up" == one.headline
    seen = NIGHT + timedelta(minutes=17)
    assert seen <= (one.since or NIGHT) < seen + timedelta(seconds=1)


async def test_a_channel_says_whose_it_is_and_so_do_the_commands_that_help(either: Database) -> None:
    """Two workspaces can both have a desk."""
    world = World(either)
    await given_up(world)
    ((ours),) = await conditions(world.look())
    async with either.transaction() as tx:
        acme = await workspaces.add(tx, "acme", NIGHT)
        await tx.execute(update(resources).where(resources.c.id == "desk").values(workspace=acme))
    ((theirs),) = await conditions(world.look())

    assert ("desk", DEFAULT, acme) == (ours.subject, ours.workspace, theirs.workspace)
    assert ours.lines[1].endswith("filingbell deliveries acknowledge --channel desk")
    assert theirs.lines[1].endswith("filingbell deliveries acknowledge --channel desk --workspace acme")


async def test_two_channels_of_one_name_are_both_shown(either: Database) -> None:
    """One is the default workspace's, the other is told by whose it is."""
    world = World(either)
    await owe(either, "a1", FIRST, "desk", at=NIGHT)
    async with either.transaction() as tx:
        other = await workspaces.add(tx, "acme", NIGHT)
        columns = [column for column in resources.c if column.name not in ("id", "workspace")]
        new = literal("acme-desk", resources.c.id.type), literal(other, resources.c.workspace.type)
        made = select(*new, *columns).where(resources.c.id == "desk")
        names = ["id", "workspace", *(column.name for column in columns)]
        await tx.execute(insert(resources).from_select(names, made))
        await tx.add(channel_states, {"channel": "acme-desk", "failures": 0})

    assert {"desk", "trading-desk", "acme/desk"} >= {*(await status(world.look())).deliveries} >= {"desk", "acme/desk"}
