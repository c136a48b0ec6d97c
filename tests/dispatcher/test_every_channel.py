"""What every kind of channel keeps, whatever it speaks: one suite over ``CHANNELS``, so that nothing is forgotten.

A new kind is a line in that table, and a module of ``kinds`` here that says what only it can know.
"""

import re
import tomllib
from dataclasses import replace as replaced
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import SecretStr
from ruamel.yaml import YAML

from consumers.dispatcher.channels import CHANNELS, Channel, load
from consumers.dispatcher.channels.section import ChannelSection
from consumers.dispatcher.door import doors
from consumers.dispatcher.exchange import exchange
from consumers.dispatcher.guard import Guard
from consumers.dispatcher.post import NoAnswer, Parcel
from consumers.dispatcher.quiet import QuietHours
from consumers.dispatcher.seen import How, seen
from service.control.channel_forms import entered_of, section_of
from service.control.channel_kinds import kind as kind_called
from service.control.channel_kinds import text_of
from service.control.sections import SECRET as HIDDEN
from service.control.sections import Inventory, shown, stored
from service.model.alert import Alert
from service.model.delivery import DeliveryState, Reason
from service.model.errors import ConfigError
from service.model.identity import DEFAULT
from service.model.message import MessageKind
from service.model.notice import Notice, NoticeKind
from service.model.resource import Resource, ResourceKind
from service.model.trade import trade_id
from service.scrub import Scrubber
from service.vault import open_vault
from service.wire import decode, encode
from tests.dispatcher.kinds import KINDS, NIGHT, answered
from tests.kit.documents import an_alert, an_option, an_owner
from tests.kit.filings import now
from tests.kit.places import DOCS, ROOT
from tests.kit.slack import HOSTILE, a_notice

PAGE = (DOCS / "channels.md").read_text()
FAILURES = (Reason.TIMEOUT, Reason.NO_CONNECTION, Reason.TLS, Reason.NOT_HTTP, Reason.OUR_FAULT)

every_kind = pytest.mark.parametrize("name", CHANNELS)


def test_every_kind_is_in_this_suite() -> None:
    """What is forgotten fails."""
    assert set(CHANNELS) == set(KINDS)


def a_channel(name: str, **more: Any) -> Channel:
    """One of the kind *name*."""
    return load({"desk": {**KINDS[name].section, **more}})["desk"]


def faults(section: object) -> list[tuple[tuple[str | int, ...], str]]:
    """What is wrong with a channel of this *section*: where, and in which words."""
    with pytest.raises(ConfigError) as refused:
        load({"desk": section})
    return [(one.path[2:], one.message) for one in refused.value.faults]


def an_alert_of_everything() -> Alert:
    """60 rows, 99 footnotes, 12 owners; everything that somebody filed is hostile."""
    numbers = tuple(f"F{number}" for number in range(1, 100))
    row = an_option(
        security_title=HOSTILE,
        underlying_security_title=HOSTILE,
        nature_of_ownership=HOSTILE,
        footnotes={"exercise_date": numbers},
    )
    owner = an_owner(name=HOSTILE, is_officer=True, officer_title=HOSTILE)
    return an_alert(
        *[row] * 60,
        reporting_owners=(owner,) * 12,
        footnotes=dict.fromkeys(numbers, HOSTILE * 5),
        remarks=HOSTILE * 20,
    )


def some_notices() -> list[Notice]:
    """One of each kind, with more lines than there may be room for; some are over."""
    return [
        a_notice(
            id=f"n-{kind}",
            kind=kind,
            headline=HOSTILE,
            lines=(HOSTILE,) * 60,
            links=(("l", "https://x.example/"),) * 60,
        )
        for kind in NoticeKind
    ]


def requests(channel: Channel, alert: Alert) -> list[Parcel]:
    """Every request that can bring it: by itself, with other rules' and filings' alerts, and in the simplest form."""
    others = [
        replace(alert, id=f"a-{number}", rule=f"rule {number}") for number in range(6)
    ]  # more rules than are told
    made = [channel.request(alert, encode(alert), now())]
    made += [channel.request(notice, encode(notice), now()) for notice in some_notices()]
    trade = [
        replace(one, trade_id=trade_id(alert.filing.accession), follows=alert.id)
        for number in range(40)
        for one in [replace(alert, filing=replace(alert.filing, accession=f"0009990901-25-{number:06d}"))]
    ]
    made.append(channel.request(trade[0], encode(trade[0]), now()))
    if channel.together is not None:
        made += [channel.together(told, now()) for told in ([alert, *others], [alert, *trade], trade)]
    if channel.simply is not None:
        made += [channel.simply(told, now()) for told in ([alert, *trade], trade)]
        made += [channel.simply(contents, now()) for contents in ([alert], [alert, *others], some_notices()[:1])]
    return made


@every_kind
def test_what_people_see_is_read_from_what_is_sent(name: str) -> None:
    """The headline, the rule, and a link or the filing's number; none of the marks that are the service's own."""
    channel, alert = a_channel(name), an_alert(an_option(), footnotes={"F1": "vests <b>later</b> & *never*"})
    parts = seen(channel.request(alert, encode(alert), now()))
    text = "\n".join(part.text for part in parts)

    if name == "webhook":
        assert [How.CODE] == [part.how for part in parts]
        return
    assert parts[0].how is How.HEADLINE
    assert alert.headline[:60] in text
    assert alert.rule in text
    assert alert.filing.accession in text or How.LINK in [part.how for part in parts]
    for parcel in requests(channel, an_alert_of_everything()):
        for part in seen(parcel):
            assert part.text.strip()
            assert not part.text.startswith(("**", "<http"))


# ---- its section


@every_kind
def test_a_kind_is_called_as_in_the_table_and_has_what_every_channel_has(name: str) -> None:
    """Its section is a channel's; the name in the table is the one that people write."""
    section, _ = CHANNELS[name]

    assert issubclass(section, ChannelSection)
    assert section.called
    assert name == KINDS[name].section["type"]


@every_kind
def test_the_suite_and_the_docs_know_every_setting(name: str) -> None:
    """One that is added is tried here with a right and a wrong value, and told in docs/channels.md."""
    fields = set(CHANNELS[name][0].model_fields)
    kind = KINDS[name]

    assert fields == {*kind.section, *kind.more} == set(kind.wrong)
    assert [] == [field for field in fields if f"`{field}`" not in PAGE and f"{field}:" not in PAGE]


@every_kind
def test_what_is_set_is_taken(name: str) -> None:
    """The least, and everything."""
    assert a_channel(name).quiet is None
    assert QuietHours.parse(NIGHT) == a_channel(name, **KINDS[name].more).quiet


@every_kind
def test_a_wrong_value_is_refused_at_its_place_without_repeating_a_secret(name: str) -> None:
    """One fault for each."""
    kind = KINDS[name]
    for field, wrong in kind.wrong.items():
        ((place, told),) = faults({**kind.section, field: wrong})
        assert field == place[0]
        assert not any(secret in told for secret in (*kind.secret, "whsec_short"))


@every_kind
def test_a_setting_that_is_missing_or_misspelt_is_told(name: str) -> None:
    """With what was meant; nothing is ever ignored."""
    section = KINDS[name].section
    for field in section:
        without = {one: value for one, value in section.items() if one != field}
        first, *more = (told.partition(";")[0] for _, told in faults(without))
        assert f"'{field}' is missing" == first
        assert not more or (field == "type" and CHANNELS[name][0].operators)  # it is read as what anybody can make
    place = CHANNELS[name][0].place
    misspelt = dict(section) | {f"{place[:-1]}1": "https://example.com/"}
    misspelt.pop(place, None)
    assert [f"'{place[:-1]}1' is unknown here; did you mean '{place}'?"] == [told for _, told in faults(misspelt)]


@every_kind
def test_the_docs_have_an_example_that_works(name: str) -> None:
    """Of each kind, as it stands there."""
    found: list[dict[str, Any]] = []
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        channels = YAML(typ="safe").load(block)["channels"]
        found += [section for section in channels.values() if section["type"] == name]
    for section in found:
        variables = {key: KINDS[name].more[key] for key in section if key in KINDS[name].more}
        load({"desk": section | variables | KINDS[name].section})
        assert set(section) <= {*KINDS[name].section, *KINDS[name].more}

    assert found


# ---- its form


@every_kind
def test_every_setting_says_what_it_is(name: str) -> None:
    """In a title and a sentence: forms are made of these, and editors show them."""
    section, _ = CHANNELS[name]
    told = {key: (field.title, field.description) for key, field in section.model_fields.items() if key != "type"}

    assert section.title
    assert section.about
    assert [] == [key for key, (title, sentence) in told.items() if not title or not (sentence or "").endswith(".")]


@every_kind
def test_its_help_says_step_by_step_what_to_do(name: str) -> None:
    """It names every setting that is needed, as the form does, and the test; it leads nowhere but to its service."""
    of = kind_called(name)

    assert [] == [one.title for one in of.settings if one.needed and f"**{one.title}**" not in of.help]
    assert "\n1. " in of.help
    assert "**Send a test**" in of.help
    assert re.findall(r"\]\((?!https://)", of.help) == []


@every_kind
def test_what_is_entered_in_its_form_is_the_section_that_a_file_has(name: str) -> None:
    """Back and forth: every setting that is no secret stands in its field again as it was entered."""
    of, section = kind_called(name), {**KINDS[name].section, **KINDS[name].more}
    lines = {key: value if isinstance(value, list) else [value] for key, value in section.items() if key != "type"}
    entered = {key: "\n".join(map(text_of, value)) for key, value in lines.items()}
    made = section_of(of, entered)

    assert section == made
    assert entered_of(of, made) == {one.name: entered[one.name] for one in of.settings if not one.secret}
    load({"desk": made})


@every_kind
def test_a_field_that_is_left_empty_is_missing_or_what_was_there_before(name: str) -> None:
    """Of a new channel what is needed is missing, at its field; of one that stands its secrets stay."""
    of, section = kind_called(name), KINDS[name].section
    needed = {one.name for one in of.settings if one.needed}
    missing = {place[0] for place, _ in faults(section_of(of, {}))}
    stays = section_of(of, entered_of(of, section), section)

    assert needed == missing
    secret = {one.name for one in of.settings if one.secret}
    assert secret & section.keys() == {key for key, value in stays.items() if value == HIDDEN}


# ---- its secrets


@every_kind
def test_its_secrets_are_shown_nowhere(name: str, tmp_path: Path) -> None:
    """Neither by section, channel or request, nor by `channels show`; stored, they are sealed."""
    kind, vault = KINDS[name], open_vault(tmp_path, None)
    channel, everything = a_channel(name, **kind.more), {**kind.section, **kind.more}
    section = stored(ResourceKind.CHANNEL, "desk", everything, Inventory([]), vault, None)
    resource = Resource(
        id="c", kind=ResourceKind.CHANNEL, workspace=DEFAULT, name="desk", section=section, created=now()
    )
    visible = [repr(CHANNELS[name][0].model_validate(everything)), repr(channel), repr(section)]
    visible += [repr(one) for one in requests(channel, an_alert())]
    visible.append(repr(shown(resource, Inventory([resource]))))

    assert not [text for text in visible for secret in kind.secret if secret in text]
    assert HIDDEN in visible[-1]
    assert everything == vault.opened(dict(section))
    assert all(any(secret in one for one in channel.secrets) for secret in kind.secret)


@every_kind
def test_every_setting_that_is_secret_is_known_to_be(name: str) -> None:
    """What a section keeps as a secret is among those that the channel wants hidden."""
    kind = KINDS[name]
    section = CHANNELS[name][0].model_validate({**kind.section, **kind.more})
    values = [value for one in vars(section).values() for value in (one if isinstance(one, list) else [one])]
    kept = {value.get_secret_value() for value in values if isinstance(value, SecretStr)}

    assert kept <= set(a_channel(name, **kind.more).secrets)


@every_kind
async def test_what_a_receiver_echoes_shows_no_secret(name: str) -> None:
    """Whatever it repeats of the request: path, headers and body, as an error or in the status line."""
    kind = KINDS[name]
    async with kind.echoing(kind) as settings, doors() as opened:
        channel = load({"desk": {**kind.section, **kind.more, **settings}})["desk"]
        guard = Guard(opened, now, Scrubber(channel.secrets))
        outcome, _ = await exchange(channel, guard, MessageKind.ALERT, encode(an_alert()), now(), trusted=True)

    assert (kind.echoed, DeliveryState.PENDING) == (outcome.status, outcome.state)
    assert not [secret for secret in kind.secret if secret in outcome.detail]


# ---- its request


@every_kind
def test_every_try_brings_the_same_to_the_address_that_is_set(name: str) -> None:
    """So that a receiver can tell a repetition: the same body and, where the service has ids, the same id."""
    channel, alert = a_channel(name), an_alert()
    first = channel.request(alert, encode(alert), now())
    later = channel.request(alert, encode(alert), now() + timedelta(days=3))

    assert (KINDS[name].posts_to or KINDS[name].section["url"]) == first.url == later.url
    assert first.body == later.body
    assert KINDS[name].named(first) == KINDS[name].named(later)


@every_kind
def test_its_service_takes_60_rows_and_99_footnotes_of_hostile_text(name: str) -> None:
    """In every form that it can be sent in; what is sent is text, not markup, and not cut where there is room."""
    kind, alert = KINDS[name], an_alert_of_everything()
    sent = requests(a_channel(name), alert)
    for one in sent:
        kind.taken(one)

    assert (60, 99) == (len(alert.rows), len(alert.footnotes))
    if kind.whole:
        assert alert == decode(sent[0].body, Alert)


@every_kind
@settings(deadline=None, max_examples=20)  # the machine may be busy
@given(st.text(max_size=300), st.text(max_size=3000), st.integers(0, 60))
def test_its_service_takes_whatever_is_told(name: str, headline: str, line: str, count: int) -> None:
    """Any text, any length."""
    notice = a_notice(headline=f"h {headline}", lines=("l", *[line] * count))
    alert = an_alert(remarks=line, footnotes={"F1": line})
    channel, kind = a_channel(name), KINDS[name]

    kind.taken(channel.request(alert, encode(alert), now()))
    kind.taken(channel.request(notice, encode(notice), now()))


# ---- what an answer means


@every_kind
def test_every_status_is_judged_and_only_documented_ones_are_final(name: str) -> None:
    """2xx is received, all else is tried again: that loses nothing."""
    channel, kind = a_channel(name), KINDS[name]
    last = {answer.status for answer in kind.final.values() if not answer.text}
    for status in (*range(100, 600), 999):
        outcome = channel.judge(answered(status, "because"))
        received = DeliveryState.DELIVERED if 200 <= status < 300 else DeliveryState.PENDING
        assert (DeliveryState.DEAD if status in last else received) == outcome.state
        assert status == outcome.status
        assert (outcome.state is DeliveryState.DELIVERED) == (outcome.reason is Reason.RECEIVED)


@every_kind
@pytest.mark.parametrize("reason", FAILURES)
def test_no_answer_is_tried_again_for_its_reason(name: str, reason: Reason) -> None:
    """Whatever it was."""
    outcome = a_channel(name).judge(NoAnswer(reason=reason, detail="no answer in time"))

    assert (DeliveryState.PENDING, reason, None, "no answer in time") == (
        outcome.state,
        outcome.reason,
        outcome.status,
        outcome.detail,
    )


@every_kind
def test_a_receiver_that_asks_us_to_wait_is_heard(name: str) -> None:
    """For as long as it says."""
    answer = replaced(KINDS[name].waits, retry_after=timedelta(seconds=7))
    outcome = a_channel(name).judge(answer)

    assert (DeliveryState.PENDING, Reason.RATE_LIMITED, timedelta(seconds=7)) == (
        outcome.state,
        outcome.reason,
        outcome.retry_after,
    )


@every_kind
def test_the_last_words_of_its_service_are_final_and_stand_in_the_docs(name: str) -> None:
    """All of them, and no others stand there."""
    channel, kind = a_channel(name), KINDS[name]
    *_, row = re.findall(rf"^\| {name} \| (.*) \|$", PAGE, re.MULTILINE | re.IGNORECASE)  # of the last table

    assert [] == [name for name, answer in kind.final.items() if channel.judge(answer).state is not DeliveryState.DEAD]
    assert sorted(kind.final) == sorted(re.findall(r"`(\w+)`", row) or re.findall(r"\b\d{3}\b", row))


@every_kind
def test_what_its_service_says_in_its_own_way(name: str) -> None:
    """And what is another service's word is nothing to it."""
    channel = a_channel(name)
    for answer, state, reason in KINDS[name].words:
        assert (state, reason) == (channel.judge(answer).state, channel.judge(answer).reason), answer


@every_kind
@settings(deadline=None)  # the machine may be busy
@given(st.integers(100, 999), st.text(max_size=300) | st.from_regex(r"\{\"ok\": ?(false|true|0|\[).{0,40}\}?"))
def test_whatever_is_answered_is_judged(name: str, status: int, text: str) -> None:
    """Nothing raises; what is kept of it is one short detail."""
    outcome = a_channel(name).judge(answered(status, text))

    assert len(outcome.detail) < 500
    assert outcome.state in (DeliveryState.DELIVERED, DeliveryState.PENDING, DeliveryState.DEAD)


# ---- its place in the code


@every_kind
def test_it_knows_nothing_of_the_others(name: str) -> None:
    """Its folder is its name's, and the import contract has it."""
    module = f"consumers.dispatcher.channels.{name}"
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (apart,) = [one["modules"] for one in contracts if one["type"] == "independence"]

    assert {f"{module}.section", f"{module}.channel"} == {part.__module__ for part in CHANNELS[name]}
    assert module in apart


@every_kind
def test_its_pace_is_a_span(name: str) -> None:
    """Zero, or what its service takes."""
    assert timedelta(0) <= a_channel(name).interval <= timedelta(minutes=1)
