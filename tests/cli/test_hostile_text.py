"""What a filer or a receiver wrote, on the terminal: it steers nothing and forges no line."""

import unicodedata
from pathlib import Path

import msgspec
import orjson
import pytest
from rich.text import Text

from consumers.matcher.alerts import alert_of
from consumers.matcher.subject import Subject
from service.cli.screen import Screen
from service.model.dead import DeadLetter
from service.model.delivery import DeliveryState
from service.model.errors import UnusableReason
from service.model.filing import FilingEvent, Original
from service.model.notice import Notice, NoticeKind
from service.model.parsed import ParsedFiling
from service.store import Database, letters, notices
from service.store.attempts import Attempt, Attempted, record
from service.store.database import open_database
from service.wire import encode
from service.wire.topics import Topic, alert_event, filing_event, parsed_event
from tests.kit import books
from tests.kit.books import AnAlert
from tests.kit.builders import a_purchase, an_owner, an_ownership_xml
from tests.kit.command import configured, run
from tests.kit.documents import ACCESSION, NOW, a_document, a_filing, a_row, a_rule
from tests.kit.documents import an_owner as the_owner

NAME = "ACME\u202egnp\u2066\x9b31m\x9d0;t\x9c\u200b[red]x[/red]\n*Who* FORGED\u2028FORGED\x85FORGED"
SAID = f"{NAME}\x1b]0;pwned\x07\x1b[2J\r\nFORGED"  # what XML cannot hold, a receiver can


def assert_text(printed: str) -> None:
    """That *printed* is text, and nothing in it stands on a line of its own that somebody else wrote."""
    bad = {one for one in printed if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp") and one != "\n"}
    assert not bad
    assert not [line for line in printed.split("\n") if line.lstrip(" │").startswith(("*Who*", "FORGED"))]
    assert "FORGED" in printed


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a configuration, and a filing of somebody with a hostile name."""
    row = a_purchase(transactionShares="<value>1000000</value>")
    xml = an_ownership_xml(
        table_1=[row], owners=[an_owner(roles=f"<isOfficer>1</isOfficer><officerTitle>{NAME}</officerTitle>")]
    )
    folder = configured(tmp_path)
    (folder / "filings").mkdir()
    (folder / "filings" / "0009990900-25-000001.xml").write_bytes(
        xml.replace(b"EXAMPLE CORP", NAME.encode()).replace(b"DOE JANE", NAME.encode())
    )
    return folder


@pytest.mark.parametrize("command", ["parse", "explain"])
def test_a_file_is_shown_as_text(home: Path, command: str) -> None:
    """As wide as a terminal may be, so that no line ends but where one was meant to."""
    assert_text(run(home, command, "filings/0009990900-25-000001.xml", COLUMNS="2000").stdout)


def test_the_demo_shows_text(home: Path) -> None:
    """In alerts, and in what the receivers got."""
    assert_text(run(home, "demo", "--submissions", "filings", "--seconds", "1", COLUMNS="2000").stdout)


def test_json_keeps_what_was_filed(home: Path) -> None:
    """Programs get it to the letter."""
    document = orjson.loads(run(home, "parse", "--json", "filings/0009990900-25-000001.xml").stdout)

    assert document["issuer"]["issuer_name"].startswith("ACME\u202egnp\u2066\x9b31m")


async def test_what_is_kept_is_shown_as_text(home: Path) -> None:
    """Topics, one line a record; dead letters, deliveries and notices."""
    (home / "state").mkdir()
    database = await open_database(f"sqlite:///{home}/state/filingbell.db")
    await _filled(database)
    await database.close()
    ways = ["dlq", "list"], ["status"], ["explain", ACCESSION], ["deliveries", "list", "--all"]

    for topic in Topic:
        printed = run(home, "tail", topic).stdout
        assert_text(printed)
        assert 1 == printed.count("\n"), topic
    for command in ways:
        assert_text(run(home, *command, COLUMNS="2000").stdout)


async def _filled(database: Database) -> None:
    """*database*, with hostile text wherever others' text is kept."""
    document = a_document(a_row(security_title=NAME), reporting_owners=(the_owner(NAME),))
    document = msgspec.structs.replace(document, issuer=msgspec.structs.replace(document.issuer, issuer_name=NAME))
    parsed = ParsedFiling(filing=a_filing(issuer_name=NAME), document=document)
    rule = a_rule()
    subject = Subject.of(parsed.filing, document)
    alert = alert_of(rule, subject, rule.matches(subject) or ())
    letter = DeadLetter(
        group="parser",
        reason=UnusableReason.MALFORMED_XML,
        message=SAID,
        accession=ACCESSION,
        topic=None,
        partition=None,
        offset=None,
        id="1",
        key=None,
        original=Original.of(b""),
        died=NOW,
    )
    notice = Notice(
        id="n", kind=NoticeKind.GAP, subject="s", cleared=False, headline=f"gap {SAID}", lines=(SAID,), at=NOW
    )
    attempt = Attempt(
        channel="desk",
        told=(Attempted(message=alert.id, number=1, steps=1, due=NOW),),
        at=NOW,
        seconds=0.1,
        state=DeliveryState.DEAD,
        status=400,
        detail=SAID,
    )
    async with database.transaction() as tx:
        tx.emit(
            filing_event(FilingEvent(filing=parsed.filing, document=Original.of(b"")), NOW),
            parsed_event(parsed, NOW),
            alert_event(alert, NOW),
        )
        await letters.bury(tx, letter)
        await notices.add(tx, notice)
    await books.owe(database, AnAlert(id=alert.id, accession=ACCESSION, rule="rule", value=encode(alert)), at=NOW)
    async with database.transaction() as tx:
        await record(tx, [attempt])


def test_what_a_command_forgot_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """The screen itself lets nothing through, within tables too."""
    Screen().print(Text(f"a {SAID}"))

    assert not {"\x1b", "\x9b", "\u202e", "\x07", "\r"}.intersection(capsys.readouterr().out)
