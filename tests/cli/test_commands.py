"""The command line, as its users call it."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from consumers.parser.document import parse
from service.cli import about
from service.cli.app import app
from service.locks import only_one
from service.lookalike.server import LookAlike
from service.model.errors import ConfigError
from service.settings import Settings
from service.store.database import open_database
from service.wire import encode
from tests.kit.archives import ScriptedArchive, listings
from tests.kit.command import CONFIG, configured, run, today
from tests.kit.eventually import eventually
from tests.kit.places import DOCS, SAMPLES
from tests.kit.process import Service
from tests.kit.receiver import SECRET, Receiver
from tests.servers.server import free_port

SONUS = SAMPLES / "0009990001-13-000001.txt"
CONTACT = {"FILINGBELL_SEC_CONTACT": "a b@c.d"}
ROOT = os.geteuid() == 0


def test_every_command_is_in_the_help_and_in_the_docs(home: Path) -> None:
    """Nobody has to guess."""
    names = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
    names += [group.name for group in app.registered_groups]
    shown = run(home, "--help").stdout
    documented = (DOCS / "commands.md").read_text()

    expected = "run demo parse check explain sink init secret status tail schema topics dlq deliveries channels"
    expected += " completeness reconcile backfill history latency migrate apply why rules watchlists workspaces tokens"
    expected += " silences people backtest preview notices operations"
    assert set(expected.split()) == set(names)
    for name in names:
        assert re.search(rf"^\s+{name}\s", shown, re.MULTILINE)
        assert f"`filingbell {name}" in documented


def test_every_setting_is_in_the_docs() -> None:
    """And none that is not there."""
    told = set(re.findall(r"`FILINGBELL_([A-Z_]+)`", (DOCS / "settings.md").read_text()))

    assert {name.upper() for name in Settings.model_fields} == told


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    """Each command imports what it needs."""
    heavy = {"sqlalchemy", "aiohttp", "lxml", "pydantic"}
    code = f"import sys, service.cli.app; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def test_check_loads_what_it_checks_with_alone() -> None:
    """Neither a database nor a client: that was half of its time."""
    heavy = {"sqlalchemy", "aiohttp", "alembic", "asyncpg", "pydantic_settings"}
    code = f"import sys, service.cli.check; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()


def test_parse_prints_the_wire_json(home: Path) -> None:
    """From a file and from standard input alike."""
    expected = encode(parse(SONUS.read_bytes())).decode() + "\n"

    assert expected == run(home, "parse", str(SONUS), "--json").stdout
    assert expected == run(home, "parse", "-", "--json", stdin=SONUS.read_bytes()).stdout


def test_an_unusable_document_is_exit_status_1_and_a_missing_one_2(home: Path) -> None:
    """With a reason a person understands."""
    broken, absent = run(home, "parse", "-", stdin=b"<html>"), run(home, "parse", "absent.xml")

    assert (1, "") == (broken.returncode, broken.stdout)
    assert "its XML cannot be read" in broken.stderr
    assert 2 == absent.returncode
    assert "absent.xml cannot be read: No such file or directory" in absent.stderr


def test_check_says_in_words_what_the_rules_ask(home: Path) -> None:
    """And exits 2 with the place of a fault."""
    good = run(home, "check")
    (home / "bad.yaml").write_text(CONFIG.replace("kinds", "kind"))
    bad = run(home, "check", "bad.yaml")

    assert 0 == good.returncode
    assert "grant kind is option-grant and exercise_value >= $500,000 to desk" in " ".join(good.stdout.split())
    assert good.stdout.splitlines()[1:] == run(home, "check", "-c", "filingbell.yaml").stdout.splitlines()[1:]
    assert 2 == run(home, "check", "a.yaml", "--config", "b.yaml").returncode
    assert 2 == bad.returncode
    assert "bad.yaml:4:11: 'kind' is unknown here; did you mean 'kinds'?" in bad.stderr


def test_explain_goes_rule_by_rule(home: Path) -> None:
    """Exit status 0 if any rule is met, else 1."""
    met = run(home, "explain", str(SONUS))
    other = run(home, "explain", str(SAMPLES / "0009990001-19-000001.txt"), "--json")

    assert 0 == met.returncode
    assert "grant alerts" in met.stdout
    assert "purchase does not alert" in met.stdout
    assert (
        "no Table II row 1, box 4, box 1: kind is purchase: option-grant (code A): the title says an option"
        in " ".join(
            met.stdout.split()  # however wide the terminal is
        )
    )
    assert 0 == other.returncode
    assert ["false", "true"] == [one["verdict"] for one in json.loads(other.stdout)]
    nothing = run(home, "explain", str(SAMPLES / "0009990001-16-000042.txt"))
    assert 1 == nothing.returncode


WRONG: list[tuple[list[str], dict[str, str], str]] = [
    (["run"], {}, 'export FILINGBELL_SEC_CONTACT="Your Name you@example.com"'),
    (["run"], {"FILINGBELL_SEC_CONTACT": "no address"}, "the SEC blocks clients that do not say who they are"),
    (["run", "pollr"], {}, "there is no role 'pollr'; did you mean 'poller'?"),
    (["run", "poller", "poller"], {}, "poller is named twice"),
    (["dlq", "list", "--stage", "foo"], {}, "there is no stage 'foo'; the stages are poller, parser,"),
    (["dlq", "retry", "--stage", "foo"], {}, "there is no stage 'foo'"),
    (["run"], {"FILINGBELL_SEC_RATE": "11"}, "FILINGBELL_SEC_RATE is over the SEC's limit of 10"),
    (["run"], {"FILINGBELL_SEC_RATE": "fast"}, "FILINGBELL_SEC_RATE: "),
    (["run"], {"FILINGBELL_SEC_URL": "sec.gov"}, "FILINGBELL_SEC_URL must be an address"),
    (["run"], {"FILINGBELL_SEC_URL": "https://x:99999"}, "FILINGBELL_SEC_URL must be an address"),
    (["run"], {"FILINGBELL_SEC_URL": "http://[::1"}, "FILINGBELL_SEC_URL must be an address"),
    (["run"], {"FILINGBELL_SEC_DATA_URL": "https://x:y"}, "FILINGBELL_SEC_DATA_URL must be an address"),
    (["run"], {"FILINGBELL_FORMS": "8-K"}, "FILINGBELL_FORMS: write the forms as 4"),
    (["run"], {"FILINGBELL_KAFKA": "x"}, "FILINGBELL_KAFKA: write host:port"),
    (["run"], {"FILINGBELL_KAFKA": "kafka:9092,kafka:99999"}, "FILINGBELL_KAFKA: write host:port"),
    (["run"], {"FILINGBELL_KAFKA_COMPRESSION": "brotli"}, "FILINGBELL_KAFKA_COMPRESSION: must be 'none', 'gzip'"),
    (["run"], {"FILINGBELL_MAX_XML_BYTES": "8MiB"}, "FILINGBELL_MAX_XML_BYTES: write a number of bytes"),
    (["run", "relay"], {}, "there is nothing to relay to"),
    (["run"], {"FILINGBELL_KAFKA_SECURITY_PROTOCOL": "sasl_ssl"}, "needs FILINGBELL_KAFKA_SASL_USERNAME"),
    (["run"], {"FILINGBELL_HTTP": "9464"}, "FILINGBELL_HTTP: write host:port"),
    (["run"], {"FILINGBELL_HTTP": "127.0.0.1:99999"}, "FILINGBELL_HTTP: write host:port"),
    (["run"], {"FILINGBELL_LOG_LEVEL": "loud"}, "FILINGBELL_LOG_LEVEL: 'loud' is not a log level"),
    (["run", "-c", "absent.yaml"], CONTACT, "no configuration file absent.yaml"),
    (["run", "--since", "yesterday"], {}, "'yesterday': write a day such as 2025-03-03"),
    (["run", "--since", "2999-01-01"], {}, f"--since 2999-01-01 has not come yet (it is {today()} in New York)"),
    (["run", "--since", "2003-06-29"], {}, "from 2003-06-30 on"),
    (["status"], {}, "start `filingbell run` first"),
    (["backfill", "--stop", "99"], {}, "start `filingbell run` first"),
    (["status"], {"FILINGBELL_DATABASE": "postgresql://x"}, "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
    (["status"], {"FILINGBELL_DATABASE": "mysql://x/y"}, "'mysql' is not supported"),
    (["status"], {"FILINGBELL_DATABASE": "postgresql://u:pw@h:abc/x"}, "this is not a database address"),
    (["status"], {"FILINGBELL_DATABASE": "sqlite:///filingbell.yaml"}, "filingbell.yaml is not an SQLite database"),
    (["run"], CONTACT | {"FILINGBELL_DATABASE": "sqlite:///filingbell.yaml"}, "is not an SQLite database"),
    (
        ["reconcile", "2025-03-04"],
        CONTACT | {"FILINGBELL_DATABASE": "sqlite:////dev/null"},
        "/dev/null is not a file",
    ),
    (["run"], CONTACT | {"FILINGBELL_HOME": "filingbell.yaml"}, "filingbell.yaml cannot be made: File exists"),
    (["run"], CONTACT | {"FILINGBELL_HOME": "/proc/x"}, "/proc/x cannot be made"),
    (["topics", "create"], {}, "there is no Kafka: set FILINGBELL_KAFKA"),
    (["schema", "form4"], {}, "there is no topic 'form4'"),
    (["tail", "form4.filings"], {}, "start `filingbell run` first"),
    (["tail", "form4.filing"], {}, "the topics are form4.filings, form4.parsed, form4.alerts, form4.dead"),
    (["explain", "0000000000-25-000001"], {}, "start `filingbell run` first"),
    (["explain", "nonsense"], {}, "nonsense is neither a file nor an accession number"),
    (["sink", "--secret", "x"], {}, "--secret is not a webhook secret"),
    (["sink", "--secret", ""], {}, "--secret is not a webhook secret"),
    (["sink", "--secret", "abc"], {}, "--secret is not a webhook secret"),
    (["sink", "--secret", "whsec_!!!"], {}, "--secret is not a webhook secret"),
    (["sink", "--port", "99999"], {}, "less than or equal to 65535"),
    (["demo", "--submissions", "absent"], {}, "absent is not a folder"),
    (["deliveries", "list", "--limit", "9" * 30], {}, "--limit"),
    (["notices", "--limit", "9" * 30], {}, "--limit"),
    (["dlq", "list", "--limit", "9" * 30], {}, "--limit"),
    (["latency", "-n", "9" * 30], {}, "-n"),
    (["tail", "form4.alerts", "-n", "9" * 30], {}, "-n"),
    (["tokens", "add", "desk", "--days", "9" * 30], {}, "--days"),
    (["topics", "create", "--partitions", "9" * 30], {}, "--partitions"),
    (["demo", "--seconds", "1e400"], {}, "--seconds"),
    (["rnu"], {}, "rnu"),
    (["reconcile"], {}, "name one day"),
    (["reconcile", "2999-01-01"], {}, "has not come yet"),
    (["reconcile", "--since", "1926-11-20"], {}, "2003-06-30"),
    (["reconcile", "--since", today()], {}, "to compare today alone"),
    (["backfill", "--since", "2024-01-01", "--ticker", ""], {}, "--ticker is empty"),
    (["run"], {"FILINGBELL_SILENCE_MINUTES": "inf"}, "FILINGBELL_SILENCE_MINUTES"),
    (["run"], {"FILINGBELL_GIVE_UP_HOURS": "1e12"}, "FILINGBELL_GIVE_UP_HOURS"),
    (["run"], {"FILINGBELL_BLOCK_SECONDS": "nan"}, "FILINGBELL_BLOCK_SECONDS"),
    (["run"], {"FILINGBELL_RETRY_SECONDS": "-5"}, "FILINGBELL_RETRY_SECONDS"),
    (["reconcile", "2025-03-04"], {}, "FILINGBELL_SEC_CONTACT"),
    (["backfill"], {}, "--since"),
    (["backfill", "--since", "1999-01-01"], {}, "2003-06-30"),
    (["backfill", "--since", "2024-01-01", "--until", "2023-01-01"], {}, "is before"),
    (["backfill", "--since", "2024-01-01", "--cik", "Apple"], {}, "is not a CIK"),
    (["backfill", "--since", "2999-01-01"], {}, "has not come yet"),
    (["backfill", "--since", today()], {}, "today's filings come from the feed"),
    (["completeness", "--since", "yesterday"], {}, "'yesterday': write a day such as 2025-03-03"),
    (["completeness", "--since", "2999-01-01"], {}, "--since 2999-01-01 has not come yet"),
    (["completeness", "--since", "1926-11-20"], {}, "2003-06-30"),
    (["run"], {"FILINGBELL_RECONCILE_AT": "6"}, "FILINGBELL_RECONCILE_AT: write a time of day"),
    (["run"], {"FILINGBELL_RETRY_SECONDS": "soon"}, "FILINGBELL_RETRY_SECONDS: write seconds"),
    (["run"], {"FILINGBELL_POLL_SECONDS": "fast"}, "FILINGBELL_POLL_SECONDS: must be a number, such as 5"),
    (["backfill", "--stop", "1", "--since", "2024-01-01"], {}, "--stop N takes no other option"),
]  # call, settings, and what must be said


@pytest.fixture(scope="module")
def wrong_calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Future[subprocess.CompletedProcess[str]]]]:
    """What comes of WRONG, several at a time: each starts an interpreter."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield [
            pool.submit(run, configured(tmp_path_factory.mktemp("wrong")), *arguments, **settings)
            for arguments, settings, _ in WRONG
        ]
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("number", range(len(WRONG)), ids=[told for *_, told in WRONG])
def test_what_a_user_can_get_wrong_is_said_clearly(
    wrong_calls: list[Future[subprocess.CompletedProcess[str]]], number: int
) -> None:
    """Exit status 2, one clear message, no traceback."""
    done = wrong_calls[number].result()

    assert 2 == done.returncode
    assert WRONG[number][2] in done.stderr
    assert "Traceback" not in done.stderr
    assert "pw" not in done.stderr


def test_a_topic_without_events_says_so(home: Path) -> None:
    """To whoever looks, and not into what is read of it."""
    run(home, "migrate")
    done = run(home, "tail", "form4.alerts", "--json")

    assert (0, "") == (done.returncode, done.stdout)
    assert "no events on form4.alerts yet; --follow waits for them" in done.stderr


async def test_a_service_that_ran_can_be_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """status, tail and explain look at what the service did, while it runs and after."""
    archive = ScriptedArchive()
    archive.add(*listings(5, broken_every=5))
    async with LookAlike(archive) as edgar, Receiver() as receiver:
        (home / "filingbell.yaml").write_text(CONFIG.replace("URL", receiver.url))
        running = Service(
            home / "state",
            home / "filingbell.yaml",
            sec_url=edgar.url,
            sec_contact="Tests tests@example.com",
            sec_rate="1000",
            poll_seconds="0.1",
        )
        await running.start("--since", today())

        async def delivered() -> bool:
            return len(receiver.ids()) == 4

        await eventually(delivered)
        second = await asyncio.to_thread(run, home, "run", FILINGBELL_SEC_CONTACT="a b@c.d")
        meanwhile = await asyncio.to_thread(run, home, "status")
        assert 0 == await running.stop()

    assert 2 == second.returncode
    assert "another poller runs on" in second.stderr
    state = json.loads(run(home, "status", "--json").stdout)
    assert {"pending": 0, "published": 5, "dead": 0} == state["filings"]
    assert {"form4.filings": 5, "form4.parsed": 4, "form4.alerts": 4, "form4.dead": 1} == state["topics"]
    assert {"parser": 0, "matcher": 0, "dispatcher": 0} == state["lag"]
    desk = state["deliveries"]["desk"]
    assert (4, 0, 0, None) == (desk["delivered"], desk["pending"], desk["dead"], desk["failing_since"])
    assert ([], 1) == (state["processes"], meanwhile.returncode)
    assert "1 filing could not be used: alerts may be missing" in meanwhile.stdout
    assert "running since" in meanwhile.stdout
    stopped = run(home, "status")
    assert 1 == stopped.returncode
    assert re.search(r"not running \(last seen .* ended: by SIGTERM\): poller", " ".join(stopped.stdout.split()))

    lines = run(home, "tail", "form4.alerts", "--from-beginning", "--json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert ["purchase"] * 4 == [event["value"]["rule"] for event in events]
    assert {"filingbell.alert.v1"} == {event["headers"]["ce_type"] for event in events}
    assert lines[-2:] == run(home, "tail", "form4.alerts", "-n", "2", "--json").stdout.splitlines()
    assert "malformed-xml" in run(home, "tail", "form4.dead").stdout
    explained = run(home, "explain", events[0]["headers"]["ce_subject"])
    assert 0 == explained.returncode
    assert "purchase alerts" in explained.stdout
    assert re.search(r"purchase to desk: delivered, .* E[SD]T", explained.stdout)
    monkeypatch.setenv("FILINGBELL_HOME", str(home / "state"))
    accession = events[0]["headers"]["ce_subject"]
    link = f"https://www.sec.gov/Archives/edgar/data/1/{accession.replace('-', '')}/{accession}-index.htm"
    for spelling in (accession.replace("-", ""), f" {accession} ", link):
        found = await asyncio.to_thread(about.known, spelling)
        assert (accession, 1) == (found.subject.filing.accession, len(found.deliveries or ()))
    for issuer in ("EXMP", events[0]["value"]["filing"]["issuer_cik"]):
        with pytest.raises(ConfigError, match=rf"last filings of that issuer(.|\n)*{accession}  \d{{4}}-.* E[SD]T"):
            await asyncio.to_thread(about.known, issuer)
    dead = json.loads(run(home, "tail", "form4.dead", "--json").stdout)["headers"]["ce_subject"]
    for name, told in (("0000000000-25-000001", "was never seen"), (dead, "filingbell dlq show")):
        with pytest.raises(ConfigError, match=told):
            await asyncio.to_thread(about.known, name)
    for entry in running.log().splitlines():
        logged = json.loads(entry)
        assert logged["event"] not in ("published", "delivered") or re.fullmatch(r"[\d-]{20}", logged["accession"])


def test_a_poller_is_kept_off_a_database_that_another_one_uses(home: Path) -> None:
    """Wherever the database is: the lock stands beside it, not in each one's own folder."""
    (home / "other").mkdir()
    named = Settings(home=home / "one", database=SecretStr(f"sqlite:///{home}/other/x.db"))
    again = Settings(home=home / "two", database=SecretStr(f"sqlite:///{home}/other/../other/x.db"))

    with only_one(named, ("poller",)):
        with only_one(again, ("poller",), wanted=False) as alone:
            assert not alone
        with only_one(Settings(home=home / "other"), ("poller",), wanted=False) as alone:
            assert alone  # filingbell.db, in the same folder


@pytest.mark.skipif(ROOT and not shutil.which("setpriv"), reason="root writes everywhere, and cannot be kept from it")
@pytest.mark.parametrize("command", [["run"], ["reconcile", "2025-03-04"]])
async def test_a_database_that_must_not_be_written_to_is_refused_at_the_start(home: Path, command: list[str]) -> None:
    """A service that can put nothing down would look like one that works."""
    (home / "state").mkdir()
    await (await open_database(f"sqlite:///{home}/state/filingbell.db")).close()
    (home / "state" / "filingbell.db").chmod(0o444)
    powerless = ("setpriv", "--bounding-set=-all", "--inh-caps=-all") if ROOT else ()
    done = await asyncio.to_thread(partial(run, through=powerless), home, *command, **CONTACT)

    assert 2 == done.returncode
    assert "filingbell.db cannot be written to by this user" in done.stderr


async def test_while_kafka_is_away_status_shows_what_the_database_knows(home: Path) -> None:
    """And says where Kafka was looked for; commands that need it say the same."""
    (home / "state").mkdir()
    await (await open_database(f"sqlite:///{home}/state/filingbell.db")).close()
    place = f"127.0.0.1:{free_port()}"
    calls = (["status"], ["tail", "form4.filings"], ["topics", "describe"])
    shown, tailed, described = [await asyncio.to_thread(run, home, *one, FILINGBELL_KAFKA=place) for one in calls]

    told = f"Kafka cannot be reached at {place} (FILINGBELL_KAFKA): no broker answers"
    assert [1, 1, 1] == [one.returncode for one in (shown, tailed, described)]
    assert "0 published" in shown.stdout
    assert told in " ".join(shown.stdout.split())
    assert told in tailed.stderr
    assert told in described.stderr


def test_a_new_secret_is_one_that_a_webhook_takes(home: Path) -> None:
    """It can be put into the configuration as it is."""
    made = run(home, "secret").stdout.strip()
    (home / "filingbell.yaml").write_text(CONFIG.replace("URL", "http://127.0.0.1:9").replace(SECRET, made))

    assert 0 == run(home, "check").returncode
