"""Compares every alert and delivery with what was asked for at the revision that its filing was held against."""

from collections import Counter

import orjson
from msgspec import Struct, field
from sqlalchemy import select

from service.log.table import TableLog
from service.model.alert import alert_id
from service.model.filing import Accession
from service.model.identity import Revision, RuleId, WorkspaceId
from service.store import Database, resources
from service.store.schema import deliveries, matchings, messages
from service.vitals import Unwatched
from service.wire.topics import Topic
from tests.control.desk import Answers
from tests.live.editor import Editor


class Verdict(Struct):
    """What is wrong; nothing, if all is well."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    alerts: int = 0
    delivered: int = 0
    revisions: int = 0  # that a filing was held against

    @property
    def good(self) -> bool:
        """Whether nothing is lost, doubled or unexplained."""
        return not (self.lost or self.doubled or self.unexplained)

    def compare(self, what: str, wanted: Counter[str], found: Counter[str]) -> None:
        """Every one of *wanted* must be *found* once, and nothing else."""
        self.lost += [f"{what}: {one}" for one in wanted.keys() - found.keys()]
        self.unexplained += [f"{what}: {one}" for one in found.keys() - wanted.keys()]
        self.doubled += [f"{what}: {one} x {count}" for one, count in found.items() if count > 1]


async def judge(database: Database, shares: dict[Accession, int], editor: Editor, receiver: Answers) -> Verdict:
    """The verdict on filings of so many *shares* each."""
    verdict = Verdict()
    async with database.reading() as connection:
        rows = await connection.execute(select(matchings.c.accession, matchings.c.revision))
        held = {row.accession: row.revision for row in rows}
        rows = await connection.execute(
            select(messages.c.id, deliveries.c.channel, deliveries.c.state).join(
                deliveries, deliveries.c.message == messages.c.id
            )
        )
        owed = [(row.id, row.channel, row.state) for row in rows]
    log = TableLog(database, Unwatched())
    alerts = [orjson.loads(record.value) async for record in log.tail(Topic.ALERTS, None, follow=False)]
    verdict.compare("matched", Counter(shares.keys()), Counter(held.keys()))
    verdict.revisions = len(set(held.values()))

    wanted, told = Counter[str](), Counter[str]()
    for accession, revision in held.items():
        for rule, (own, asked) in editor.standing(revision).items():
            if shares[Accession(accession)] >= asked.least:
                wanted[f"{accession} {rule} at {own}"] += 1
                alert = alert_id(RuleId(rule), Accession(accession))
                told.update(f"{alert} {channel}" for channel in asked.channels)
    found = Counter(f"{one['filing']['accession']} {one['rule_id']} at {one['rule_revision']}" for one in alerts)
    verdict.compare("alert", wanted, found)
    verdict.alerts = len(alerts)

    names = {channel: name for name, channel in editor.channels.items()}
    verdict.compare(
        "delivery", told, Counter(f"{alert} {names[of]}" for alert, of, state in owed if state == "delivered")
    )
    came = Counter(f"{one.id} {one.path}" for one in receiver.taken)
    verdict.compare("webhook", told, came)
    verdict.delivered = sum(came.values())
    for one in alerts:
        await _explained(database, one, shares, names, told, verdict)
    return verdict


async def _explained(
    database: Database,
    alert: dict[str, object],
    shares: dict[Accession, int],
    names: dict[str, str],
    told: Counter[str],
    verdict: Verdict,
) -> None:
    """Hold an alert against its rule as the audit log has it, at the revision that the alert names."""
    rule, revision = str(alert["rule_id"]), Revision(int(str(alert["rule_revision"])))
    filing = alert["filing"]
    assert isinstance(filing, dict)
    every = await resources.as_of(database, WorkspaceId(str(alert["workspace"])), revision)
    stood = next((one for one in every if one.id == rule), None)
    least = stood and int(str(stood.section["shares"]).removeprefix(">= "))
    right = stood is not None and stood.enabled and stood.revision == revision and least is not None
    if not right or shares[filing["accession"]] < (least or 0):
        verdict.unexplained.append(f"{filing['accession']} by {rule} as of {revision}")
    elif missing := [one for one in stood.section["channels"] if f"{alert['id']} {names[one]}" not in told]:  # type: ignore[union-attr]
        verdict.unexplained.append(f"{alert['id']} is not for {missing}")
