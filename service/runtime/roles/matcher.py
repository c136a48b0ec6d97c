"""The role that holds filings against rules."""

from consumers.following import Following
from consumers.matcher.rulebook import Rulebook, rulebook
from consumers.matcher.step import MatcherStep
from service.clock import now
from service.control.failing import Breaker
from service.control.placing import Placer
from service.runtime.ground import Ground
from service.runtime.roles import Loops


def loops(ground: Ground) -> Loops:
    """Parsed filings become alerts, by the rules of the database as they stand and as they change."""
    database, vitals = ground.database, ground.vitals
    rules = Following("rules", database, rulebook, vitals, Rulebook.since)

    async def match() -> None:
        await rules.load()
        await ground.stage(MatcherStep(lambda: rules.current, now, vitals))

    yield "rules", rules.run
    yield "matcher", match
    yield "failing-rules", Breaker(database, now, vitals).run
    yield "placing", Placer(database, now, vitals).run
