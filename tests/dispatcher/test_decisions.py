"""Route, silence and digest: what becomes of an alert for a channel. Pure."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from consumers.dispatcher.digest import digest
from consumers.dispatcher.route import route
from consumers.dispatcher.silence import silence
from service.cli.delivery import STYLES, WHY_NOT
from service.cli.why import WORDS
from service.control.why import End
from service.model.alert import Alert
from service.model.delivery import Decision, DeliveryState, Obligation, Suppressed, Suppression
from service.model.filing import Provenance
from service.model.identity import ChannelId, WorkspaceId
from service.model.resource import Resource, ResourceKind
from service.store.resources import Routing
from tests.kit.documents import an_alert

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
OURS, THEIRS = WorkspaceId("ws_ours"), WorkspaceId("ws_theirs")
DESK = ChannelId("chan_desk")
OWED = Obligation(channel=DESK, due=NOW)


def a_channel(name: str, workspace: WorkspaceId = OURS, removed: datetime | None = None) -> Resource:
    return Resource(
        id=f"chan_{name}",
        kind=ResourceKind.CHANNEL,
        workspace=workspace,
        name=name,
        section={},
        created=NOW,
        removed=removed,
    )


def routed(*named: str, rule_of: WorkspaceId = OURS) -> list[Decision]:
    """What becomes of an alert of ours by a rule that names these channels."""
    channels = {one.id: one for one in (a_channel("desk"), a_channel("gone", removed=NOW), a_channel("far", THEIRS))}
    rule = Routing(workspace=rule_of, channels=tuple(ChannelId(f"chan_{name}") for name in named))
    return route(OURS, rule, channels, NOW)


def refused(name: str, reason: Suppression) -> Suppressed:
    return Suppressed(channel=ChannelId(f"chan_{name}"), reason=reason)


def found_so(found: Provenance) -> Alert:
    """An alert on a filing that was found so."""
    alert = an_alert()
    return replace(alert, filing=replace(alert.filing, provenance=found))


def test_a_channel_that_its_rule_names_is_owed_at_once() -> None:
    """Once, however often the rule names it."""
    assert [OWED] == routed("desk", "desk")


def test_each_channel_has_its_own_answer() -> None:
    """One that is gone, or another workspace's, keeps no other from being told."""
    assert [
        refused("gone", Suppression.REMOVED),
        refused("far", Suppression.ELSEWHERE),
        OWED,
    ] == routed("gone", "far", "desk")


def test_an_alert_that_names_another_workspaces_rule_is_told_to_nobody() -> None:
    """Neither to its own channels nor to the rule's, whoever wrote it."""
    assert [refused(name, Suppression.ELSEWHERE) for name in ("desk", "far")] == routed("desk", "far", rule_of=THEIRS)


@pytest.mark.parametrize(
    ("found", "decided"),
    [
        (Provenance(), OWED),
        (Provenance(history=True, digest="backfill-1"), OWED),
        (Provenance(history=True), refused("desk", Suppression.HISTORY)),
    ],
)
def test_the_past_is_told_only_where_it_was_asked_for(found: Provenance, decided: Decision) -> None:
    """Whatever the matcher makes of it."""
    assert decided == silence(OWED, found, None)


def test_every_reason_and_every_end_is_said_in_words() -> None:
    """None comes to a person as a key alone, or fails to be shown at all."""
    assert {*Suppression} == {*WHY_NOT}
    assert {*End} == {*WORDS}
    assert {*DeliveryState} == {*STYLES}


def test_a_digest_is_for_what_is_owed() -> None:
    """What is suppressed stays so."""
    past = Provenance(history=True, digest="backfill-1")
    gone = refused("desk", Suppression.REMOVED)

    assert Obligation(channel=DESK, due=NOW, digest="backfill-1") == digest(OWED, past)
    assert OWED == digest(OWED, Provenance())
    assert gone == silence(gone, Provenance(history=True), None) == digest(gone, past)
