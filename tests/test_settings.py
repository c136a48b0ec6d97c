"""Settings of the environment: what is empty, what is unknown, and what is written in another way."""

import os
from inspect import signature
from pathlib import Path

import pytest
import structlog

from service import settings
from service.cli.trying import sink
from service.settings import reading


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's, and nothing said before."""
    for name in os.environ:
        if name.startswith("FILINGBELL_"):
            monkeypatch.delenv(name)
    reading._ignored.cache_clear()


def test_an_empty_value_means_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compose file passes on what is not set as nothing; the state must not go to the working folder."""
    for name in ("HOME", "DATABASE", "KAFKA", "SEC_RATE", "KAFKA_SSL_CAFILE"):
        monkeypatch.setenv(f"FILINGBELL_{name}", "")
    loaded = settings.load()

    assert settings.Settings(home=Path.home() / ".filingbell") == loaded


def test_names_are_taken_in_either_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """As log levels and Kafka's mechanisms are."""
    monkeypatch.setenv("FILINGBELL_KAFKA_COMPRESSION", "LZ4")
    monkeypatch.setenv("FILINGBELL_FLOOD", "Pass")
    loaded = settings.load()

    assert ("lz4", "pass") == (loaded.kafka_compression, loaded.flood)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("RECONCIL_AT", [{"name": "FILINGBELL_RECONCIL_AT", "meant": "FILINGBELL_RECONCILE_AT"}]),
        ("USER_AGENT", [{"name": "FILINGBELL_USER_AGENT"}]),
        ("SINK_SECRET", []),
        ("IMAGE", []),
        ("TEST_KILLS", []),
        ("SEC_RATE", []),
    ],
)
def test_a_setting_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, name: str, told: list[dict[str, str]]) -> None:
    """Whatever it is, unless it is set for something else: the sink, compose, the tests."""
    monkeypatch.setenv(f"FILINGBELL_{name}", "5")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(0))
    with structlog.testing.capture_logs() as logs:
        settings.load()

    level = {"event": "setting_ignored", "log_level": "warning"}
    assert [level | one for one in told] == logs


def test_home_begins_with_the_home_folder_where_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a file of variables no shell expands it, and a folder named ~ would be made."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("FILINGBELL_HOME", "~/x")

    assert tmp_path / "x" == settings.load().home


def test_a_first_try_has_room_for_pages_and_a_receiver() -> None:
    """Nobody chose a port for either, and they run beside each other."""
    pages = settings.Settings().listens
    assert pages is not None
    assert pages[1] != signature(sink).parameters["port"].default
